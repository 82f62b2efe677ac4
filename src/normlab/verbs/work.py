"""`work`: help with a study from any machine that sees its folder, without opening its database."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from normlab.errors import RunFailed, SpecError, StoreError
from normlab.events import Planned, Tell
from normlab.execution import LocalProcesses, usual
from normlab.plans import AllOwed, Held, Maker
from normlab.progress import told
from normlab.training.engines import ENGINES, PLAIN
from normlab.verbs import projects
from normlab.verbs.checks import ready
from normlab.verbs.part import Part, TimeUp


@dataclass(frozen=True)
class Worked:
    """What a worker has done: how many runs, and how many nobody had made when it ended, those of others included."""

    runs: int
    left: int


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
    has to be known beforehand: whether an arm is settled, and from which weights a path goes on, stands in the database
    alone, so such a study is made by `compare`, on several machines with `cluster`.

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
        raise SpecError(
            "a worker makes what is known to be owed, and here that depends on how other runs end: give such "
            "a study to `normlab compare`, with --cluster for more machines"
        )
    tell = tell or told(place.study)
    basis = ready(place.study, tell)
    jobs = Maker(place.study, engine, basis.networks.material).jobs()
    part = Part(place.project, runs, seconds)
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
