"""Runs made in this process, one after the other: what they do to it stays, and what raises can be looked into."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Event as Flag
from threading import Thread
from typing import Generic

from normlab.events import Event, Tell
from normlab.execution.executor import Failure
from normlab.execution.messages import failed
from normlab.execution.sharing import ShareOf
from normlab.plans import D, PlanOf, W

TICK = 1.0
"""Seconds between two looks at what others do, and between two signs that this process is there."""


@dataclass
class Here(Generic[W, D]):
    """The runs of a plan, each by a call of `make`; the rest as in `Pool`."""

    make: Callable[[W], D]
    plan: PlanOf[W, D]
    keep: Callable[[D], object]
    tell: Tell
    kept: Callable[[D], Event]
    share: ShareOf[W, D]
    failures: list[Failure] = field(default_factory=list)

    def run(self) -> Sequence[Failure]:
        """Until nothing is ready, here or elsewhere; gives the runs that failed."""
        with self._alive():
            while ready := self.plan.ready():
                job = next((job for job in ready if self.share.take(job)), None)
                if job is None:
                    time.sleep(TICK)
                    self._hear(ready)
                else:
                    self._begin(job)
        return self.failures

    def _begin(self, job: W) -> None:
        try:
            record = self.make(job)
        except Exception as error:  # noqa: BLE001 - one broken run must not take the others with it
            found = failed(error)
            self.failures.append(Failure(job, found.message, found.details, error))
            self.plan.drop(job, found.message)
        else:
            self.keep(record)
            self.plan.keep(record)
        finally:
            self.share.give_back(job)

    def _hear(self, jobs: Sequence[W]) -> None:
        for record in self.share.news(jobs):
            self.tell(self.kept(record))
            self.plan.keep(record)

    @contextmanager
    def _alive(self) -> Iterator[None]:
        """Others see that this process is there for as long as a run takes."""
        over = Flag()
        thread = Thread(target=self._renew, args=(over,), daemon=True)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()

    def _renew(self, over: Flag) -> None:
        while not over.wait(TICK):
            self.share.renew()
