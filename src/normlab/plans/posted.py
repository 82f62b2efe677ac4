"""A plan whose every step is said to others, who make runs of it elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic

from normlab.plans.plan import D, PlanOf, W


@dataclass(frozen=True)
class Posted(Generic[W, D]):
    """The plan, of which `say` is told what is ready whenever somebody asks."""

    plan: PlanOf[W, D]
    say: Callable[[Sequence[W]], object]

    def ready(self) -> Sequence[W]:
        """See `Plan.ready`."""
        ready = self.plan.ready()
        self.say(ready)
        return ready

    def keep(self, record: D) -> None:
        """See `Plan.keep`."""
        self.plan.keep(record)

    def drop(self, job: W, why: str) -> None:
        """See `Plan.drop`."""
        self.plan.drop(job, why)
