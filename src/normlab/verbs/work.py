"""`work`: help with a study from any machine that sees its folder, without opening its database."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from normlab.errors import RunFailed, SpecError, StoreError
from normlab.events import Planned, RunKept, Tell
from normlab.execution import LocalProcesses, undisturbed, usual
from normlab.plans import AllOwed, Held, Maker
from normlab.progress import told
from normlab.records import Job, RunRecord
from normlab.store import Checkpoints, Leases, Spool, weighed
from normlab.store.weights import path_of
from normlab.training.engines import ENGINES, PLAIN
from normlab.verbs import projects
from normlab.verbs.checks import ready


@dataclass(frozen=True)
class Worked:
    """What a worker has done: how many runs, and how many nobody had made when it ended, those of others included."""

    runs: int
    left: int


class TimeUp(KeyboardInterrupt):
    """The time that a worker has is over: the runs under way are saved, as on Ctrl-C."""


def work(
    study: str | Path,
    *,
    out: str | Path = "normlab-out",
    runs: int | None = None,
    seconds: float | None = None,
    workers: int | None = None,
    tell: Tell | None = None,
) -> Worked:
    """Make runs that a study owes and nobody else is making, and leave each as a file that `merge` or `compare` keeps.

    Any number of workers may run on any machines that see the project's folder, which may be on a network. What is owed
    has to be known beforehand: a study until it is settled, or along a path, is made by `compare`.

    Args:
        study: one that was begun, its name in the project `out` or its folder.
        runs: how many to make at most.
        seconds: after which the runs under way are saved and the worker ends; it should be a little less than a queue
            allows.
        workers: processes at a time, one per core by default.
        tell: told what happens, as by `compare`.

    Raises:
        StoreError: the study was not begun, or its folder cannot be written.
        SpecError, DataError, DeviceError: as `compare`.
        RunFailed: some runs left no record; the others are left.
    """
    place, engine = projects.begun(study, Path(out))
    if engine not in (*ENGINES, PLAIN):
        raise StoreError(f"{place.folder / projects.ENGINE} names no engine: `normlab compare` writes it anew")
    if place.study.until_settled or place.study.warm_start:
        raise SpecError("a worker makes what is known to be owed: give such a study to `normlab compare`")
    tell = tell or told(place.study)
    basis = ready(place.study, tell)
    jobs = Maker(place.study, engine, basis.networks.material).jobs()
    part = _Part(place.project, runs, seconds)
    owed = AllOwed(jobs, part.made())
    tell(Planned(len(jobs) - len(owed.ready()), len(owed.ready())))
    executor = LocalProcesses(workers or usual(place.study.device), place.project, part)
    try:
        failures = executor.run(Held(owed, lambda: part.over(owed)), lambda record: part.leave(record, tell), tell)
    except TimeUp:
        failures = []
    if failures:
        raise RunFailed("; ".join(f"{failure.job.name}: {failure.message}" for failure in failures))
    return Worked(part.left, len({job.key for job in jobs} - part.made()))


@dataclass
class _Part:
    """An `execution.Share` of a study by files alone."""

    project: Path
    runs: int | None
    seconds: float | None
    left: int = 0
    taken: int = 0
    elsewhere: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.leases, self.spool = Leases(self.project), Spool(self.project)
        self.start = time.monotonic()

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

    def over(self, owed: AllOwed[Job]) -> bool:
        """Whether all that is ready is made elsewhere, or as much was taken as there should be."""
        if self.runs is not None and self.taken >= self.runs:
            return True
        return all(job.key in self.elsewhere for job in owed.ready())

    def take(self, job: Job) -> bool:
        """See `Share.take`."""
        taken = self.leases.take(job.key)
        if taken and (self.spool.has(job.key) or path_of(self.project, job.key).exists()):
            self.leases.give_back(job.key)
            taken = False
        if taken:
            self.taken += 1
        else:
            self.elsewhere.add(job.key)
        return taken

    def give_back(self, job: Job) -> None:
        """See `Share.give_back`."""
        self.leases.give_back(job.key)

    def renew(self) -> None:
        """See `Share.renew`; raises `TimeUp` when it is."""
        self.leases.renew()
        if self.seconds is not None and time.monotonic() - self.start > self.seconds:
            raise TimeUp

    def news(self, jobs: Sequence[Job]) -> Sequence[RunRecord]:  # noqa: ARG002 - see `Share`
        """See `Share.news`: whoever merges has them."""
        return ()
