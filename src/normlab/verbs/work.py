"""`work`: help with a study from any machine that sees its folder, without opening its database."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from normlab.errors import RunFailed, StoreError
from normlab.events import Planned, Tell
from normlab.execution import Failure, LocalProcesses, usual
from normlab.plans import AllOwed, Asked, Held, Maker, Plan
from normlab.progress import told
from normlab.store import Wanted
from normlab.training.engines import ENGINES, PLAIN
from normlab.verbs import projects, registered
from normlab.verbs.checks import ready
from normlab.verbs.part import Part, TimeUp

PAUSE = 1.0
"""Seconds between two looks at what is wanted."""


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

    Any number of workers may run on any machines that see the project's folder, which may be on a network. Until a
    study is settled, and along a path, what comes next depends on how other runs end. There a worker makes what a
    `compare` or `path` asks for that is under way elsewhere, and ends within a minute after that does.

    Args:
        study: one that was begun, its name in the project `out` or its folder.
        runs: how many to make at most.
        seconds: after which the runs under way are saved and the worker ends; it should be a little less than a queue
            allows.
        workers: processes at a time, one per core by default.
        tell: told what happens, as by `compare`.

    Raises:
        StoreError: the study was not begun, its folder cannot be written, or nobody says within a minute what is wanted
            of a study that unfolds.
        SpecError, DataError, DeviceError: as `compare`.
        RunFailed: some runs left no record; the others are left.
    """
    place, engine = projects.begun(study, Path(out))
    registered.found(place.project, place.study.name)  # an edited one is refused before anything is trained for it
    if engine not in (*ENGINES, PLAIN):
        raise StoreError(f"{place.folder / projects.ENGINE} names no engine: `normlab compare` writes it anew")
    tell = tell or told(place.study)
    basis = ready(place.study, tell)
    jobs = Maker(place.study, engine, basis.networks.material).every()
    part, wanted = Part(place.project, runs, seconds), Wanted(place.folder)
    plan = Asked(jobs, wanted.runs) if place.study.unfolds else AllOwed(jobs, part.made())
    owed = len(plan.ready())
    tell(Planned(len(part.there & {job.key for job in jobs}), None if place.study.unfolds else owed))
    executor = LocalProcesses(workers or usual(place.study.device), place.project, part)
    failures: list[Failure] = []
    with suppress(TimeUp):
        failures += _made(executor, plan, part, tell)
        while place.study.unfolds and _more(part, plan, wanted):
            failures += _made(executor, plan, part, tell)
    if failures:
        raise RunFailed("; ".join(f"{failure.job.name}: {failure.message}" for failure in failures))
    if place.study.unfolds and not wanted.ever:
        raise StoreError(
            f"nobody says what is wanted of {place.folder}, which depends on how other runs end: run `normlab compare` "
            "or `normlab path` on one machine, and workers help for as long as it runs"
        )
    left = wanted.runs() if place.study.unfolds else {job.key for job in jobs}
    return Worked(part.left, len(set(left) - part.made()))


def _made(executor: LocalProcesses, plan: Plan, part: Part, tell: Tell) -> Sequence[Failure]:
    """Make what is ready and nobody else makes."""
    return executor.run(Held(plan, lambda: part.over(plan)), lambda record: part.leave(record, tell), tell)


def _more(part: Part, plan: Plan, wanted: Wanted) -> bool:
    """Wait for something to do; False where enough is done, or nobody judges any more."""
    while not (part.full or wanted.silent):
        time.sleep(PAUSE)
        part.look_again()
        if not part.over(plan):
            return True
    return False
