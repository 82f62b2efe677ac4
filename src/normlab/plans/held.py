"""A plan that can be told to stop: what is under way is finished, nothing else begins."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic

from normlab.plans.plan import D, PlanOf, W

Stop = Callable[[], bool]
"""Says whether no further run shall begin; it may change its mind."""


def never() -> bool:
    """Who lets everything begin."""
    return False


@dataclass(frozen=True)
class Held(Generic[W, D]):
    """The plan, of which nothing is ready while `stop` says so."""

    plan: PlanOf[W, D]
    stop: Stop

    def ready(self) -> Sequence[W]:
        """See `Plan.ready`."""
        return () if self.stop() else self.plan.ready()

    def keep(self, record: D) -> None:
        """See `Plan.keep`."""
        self.plan.keep(record)

    def drop(self, job: W, why: str) -> None:
        """See `Plan.drop`."""
        self.plan.drop(job, why)
