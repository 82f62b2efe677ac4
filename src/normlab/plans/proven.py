"""A plan of runs that may all fail for one reason: until one has succeeded, nothing begins after a failure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic

from normlab.plans.plan import D, PlanOf, W


@dataclass
class Proven(Generic[W, D]):
    """The plan, of which nothing is ready where a run has failed and none has succeeded.

    Args:
        plan: what is to be made.
        works: whether a run has succeeded before.
    """

    plan: PlanOf[W, D]
    works: bool = False
    failed: bool = False

    def ready(self) -> Sequence[W]:
        """See `Plan.ready`."""
        return () if self.failed and not self.works else self.plan.ready()

    def keep(self, record: D) -> None:
        """See `Plan.keep`."""
        self.works = True
        self.plan.keep(record)

    def drop(self, job: W, why: str) -> None:
        """See `Plan.drop`."""
        self.failed = True
        self.plan.drop(job, why)
