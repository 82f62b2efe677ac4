"""What somebody else asks for, who knows what is owed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from normlab.plans.plan import Done
from normlab.records import Job


class Asked:
    """Those of a study's jobs that are asked for, in the order in which they are.

    Args:
        jobs: all of the study's.
        wanted: gives the keys of what is asked for now, and the weights that each starts from.
    """

    def __init__(self, jobs: Sequence[Job], wanted: Callable[[], Mapping[str, Any]]) -> None:
        self.jobs, self.wanted, self.over = {job.key: job for job in jobs}, wanted, set[str]()

    def ready(self) -> Sequence[Job]:
        """See `Plan.ready`; a run that is not of this study is nobody's business here."""
        asked = self.wanted()
        return tuple(
            replace(self.jobs[key], start=start) if start else self.jobs[key]
            for key, start in asked.items()
            if key in self.jobs and key not in self.over
        )

    def keep(self, record: Done) -> None:
        """See `Plan.keep`."""
        self.over.add(record.key)

    def drop(self, job: Job, why: str) -> None:  # noqa: ARG002 - whoever asks learns it from the lease that comes free
        """See `Plan.drop`."""
        self.over.add(job.key)
