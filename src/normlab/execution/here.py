"""Runs made in this process, one after the other: what they do to it stays, and what raises can be looked into."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Event as Flag
from threading import Thread
from typing import Generic

from normlab.execution.backlog import Backlog
from normlab.execution.executor import Failure
from normlab.execution.messages import failed
from normlab.plans import D, W

TICK = 1.0
"""Seconds between two looks at what others do, and between two signs that this process is there."""


@dataclass
class Here(Generic[W, D]):
    """The runs of a plan, each by a call of `make`."""

    backlog: Backlog[W, D]
    make: Callable[[W], D]

    def run(self) -> Sequence[Failure]:
        """Until nothing is ready, here or elsewhere; gives the runs that failed."""
        with self._alive():
            while self.backlog.plan.ready():
                job = self.backlog.next()
                if job is None:
                    time.sleep(TICK)
                    self.backlog.look_elsewhere()
                else:
                    self._begin(job)
        return self.backlog.failures

    def _begin(self, job: W) -> None:
        try:
            record = self.make(job)
        except Exception as error:  # noqa: BLE001 - one broken run must not take the others with it
            found = failed(error)
            self.backlog.fail(job, found.message, found.details, error)
        except BaseException:
            self.backlog.give_back(job)
            raise
        else:
            self.backlog.done(job, record)

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
            self.backlog.share.renew()
