"""The runs that a plan has ready: which are under way here or elsewhere, and what becomes of each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Generic

from normlab.events import Event, RunLost, Tell
from normlab.execution.executor import Failure
from normlab.execution.sharing import ShareOf
from normlab.plans import D, PlanOf, W
from normlab.records import Job, RunRecord

TRIES = 3
"""How often a run is begun whose process was lost, before it is given up."""


@dataclass
class Backlog(Generic[W, D]):
    """A plan's runs, for whoever has them made; `begun` is how often each was handed out.

    Args:
        plan: what is to be made.
        keep: see `Executor.run`.
        tell: see `Executor.run`.
        share: what others do of the same work.
        kept: the event that somebody else kept a run.
    """

    plan: PlanOf[W, D]
    keep: Callable[[D], object]
    tell: Tell
    share: ShareOf[W, D]
    kept: Callable[[D], Event]
    under_way: dict[str, W] = field(default_factory=dict)
    failures: list[Failure] = field(default_factory=list)
    begun: Counter[str] = field(default_factory=Counter)
    elsewhere: set[str] = field(default_factory=set)

    def next(self, *, fresh: bool = False) -> W | None:
        """The first that is ready and that nobody works on, here or elsewhere; it is under way from now on.

        With `fresh`, the first of those that were never begun.
        """
        for job in self.free():
            if job.key not in self.elsewhere and not (fresh and self.begun[job.key]):
                if self.share.take(job):
                    self.under_way[job.key] = job
                    self.begun[job.key] += 1
                    return job
                self.elsewhere.add(job.key)
        return None

    def free(self) -> list[W]:
        """What is ready and not under way here."""
        return [job for job in self.plan.ready() if job.key not in self.under_way]

    def done(self, job: W, record: D) -> None:
        """A run came in."""
        self.keep(record)
        self.plan.keep(record)
        self.give_back(job)

    def fail(self, job: W, why: str, details: str = "", cause: Exception | None = None) -> None:
        """A run left no record, and is not begun again."""
        self.failures.append(Failure(job, why, details, cause))
        self.plan.drop(job, why)
        self.give_back(job)

    def lose(self, job: W, why: str) -> None:
        """Whoever made a run is gone: it is begun again, unless that was tried often enough."""
        again = self.begun[job.key] < TRIES
        self.tell(RunLost(job.name, why, again))
        if again:
            self.give_back(job)
        else:
            self.fail(job, f"{why}, and so {TRIES} times")

    def give_back(self, job: W) -> None:
        """A run is under way no more, whatever became of it."""
        self.share.give_back(job)
        self.under_way.pop(job.key, None)

    def look_elsewhere(self) -> None:
        """Say that we are still there, and look at what others have done."""
        self.share.renew()
        self.elsewhere.clear()
        for record in self.share.news(self.free()):
            self.tell(self.kept(record))
            self.plan.keep(record)


OfRuns = Backlog[Job, RunRecord]
