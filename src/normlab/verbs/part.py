"""A worker's part in a study, by files alone: on a network file system nobody but the merger opens a database."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from normlab.events import RunKept, Tell
from normlab.execution import undisturbed
from normlab.plans import Plan
from normlab.records import Job, RunRecord
from normlab.store import Checkpoints, Leases, Spool, weighed
from normlab.store.weights import path_of

LISTED = 10.0
"""Seconds between two lists of what is made: with 100,000 runs one takes a tenth of a second."""


class TimeUp(KeyboardInterrupt):
    """The time that a worker has is over: the runs under way are saved, as on Ctrl-C."""


@dataclass
class Part:
    """An `execution.Share` of a study by files alone."""

    project: Path
    runs: int | None
    seconds: float | None
    left: int = 0
    taken: int = 0
    elsewhere: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.leases, self.spool = Leases(self.project), Spool(self.project)
        self.start = self.listed = time.monotonic()
        self.there = self.made()

    def made(self) -> set[str]:
        """The keys of runs that lie in the spool, or are in the database, which keeps weights of each."""
        return {*self.spool.waiting(), *weighed(self.project)}

    def leave(self, record: RunRecord, tell: Tell) -> None:
        """Put a finished run where it can be merged."""
        with undisturbed():
            self.spool.put(record)
        Checkpoints(self.project).drop(record.key)
        self.left += 1
        tell(RunKept(record))

    def over(self, owed: Plan) -> bool:
        """Whether all that is ready is made elsewhere, or as much was taken as there should be."""
        return self.full or all(job.key in self.elsewhere for job in owed.ready())

    @property
    def full(self) -> bool:
        """Whether as much was taken as there should be."""
        return self.runs is not None and self.taken >= self.runs

    def take(self, job: Job) -> bool:
        """See `Share.take`."""
        taken = job.key not in self.there and self.leases.take(job.key)
        if taken and (self.spool.has(job.key) or path_of(self.project, job.key).exists()):
            self.leases.give_back(job.key)
            self.there.add(job.key)
            taken = False
        if taken:
            self.taken += 1
        else:
            self.elsewhere.add(job.key)
        return taken

    def look_again(self) -> None:
        """What others had may have come free; raises `TimeUp` when it is."""
        self.elsewhere.clear()
        self.renew()

    def give_back(self, job: Job) -> None:
        """See `Share.give_back`."""
        self.leases.give_back(job.key)

    def renew(self) -> None:
        """See `Share.renew`; raises `TimeUp` when it is."""
        self.leases.renew()
        if time.monotonic() - self.listed > LISTED:
            self.there, self.listed = self.made(), time.monotonic()
        if self.seconds is not None and time.monotonic() - self.start > self.seconds:
            raise TimeUp

    def news(self, jobs: Sequence[Job]) -> Sequence[RunRecord]:  # noqa: ARG002 - see `Share`
        """See `Share.news`: whoever merges has them."""
        return ()
