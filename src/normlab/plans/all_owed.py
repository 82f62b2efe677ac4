"""Everything that has no record yet."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Generic

from normlab.plans.plan import Done, W


class AllOwed(Generic[W]):
    """The jobs that are owed, in their order.

    Args:
        jobs: all of a study's.
        have: the keys of those that are done.
    """

    def __init__(self, jobs: Sequence[W], have: Collection[str]) -> None:
        self.owed = {job.key: job for job in jobs if job.key not in have}

    def ready(self) -> Sequence[W]:
        """See `Plan.ready`."""
        return tuple(self.owed.values())

    def keep(self, record: Done) -> None:
        """See `Plan.keep`."""
        self.owed.pop(record.key, None)

    def drop(self, job: W, why: str) -> None:  # noqa: ARG002 - no other run depends on why
        """See `Plan.drop`."""
        self.owed.pop(job.key, None)
