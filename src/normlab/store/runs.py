"""Runs: committed once, found by their keys, read back in the order that is asked for, dropped."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from normlab.errors import DamagedRun
from normlab.records import Checkup, Job, RunRecord
from normlab.store import checkups, rows, tested, weights
from normlab.store.contents import Stored
from normlab.store.rows import Parcel, Values
from normlab.store.shelf import Shelf
from normlab.store.tested import Counts

T = TypeVar("T")


@dataclass(frozen=True)
class Final:
    """What a verdict needs of a run: how many of its evaluation images were right in the end.

    `correct` and `images` are None for a run that diverged in its first epoch.
    """

    job: Job
    correct: int | None
    images: int | None
    diverged_at: int | None
    seconds: float


def commit(db: sqlite3.Connection, project: Path, parcels: Sequence[Parcel]) -> list[str]:
    """Keep runs, weights first; gives the keys of those that were not here already.

    Keys are looked up and weights are written in the same transaction: of two processes that finish one run, the second
    must not replace the first one's file.
    """
    here = have(db, [parcel.row.key for parcel in parcels])
    new = {parcel.row.key: parcel for parcel in parcels if parcel.row.key not in here}
    weights.write(project, {key: parcel.weights for key, parcel in new.items()})
    for parcel in new.values():
        rows.insert(db, parcel)
    return [*new]


def have(db: sqlite3.Connection, keys: Collection[str]) -> set[str]:
    """Those of these keys whose runs are here."""
    found = db.execute("SELECT key FROM run WHERE key IN (SELECT value FROM json_each(?))", (json.dumps([*keys]),))
    return {key for (key,) in found}


def records(db: sqlite3.Connection, project: Path, jobs: Sequence[Job]) -> list[RunRecord]:
    """The records of those jobs that are here; raises `DamagedRun` for all that are not as they were written."""
    shelf = _shelf(project, jobs)
    return _sound(db, jobs, lambda job, found: _record(db, shelf, job, found))


def _shelf(project: Path, jobs: Sequence[Job]) -> Shelf:
    """Whoever looks into runs takes an arm after the other, whatever order they were made in."""
    return Shelf(project, [job.key for job in sorted(jobs, key=lambda job: job.label)])


def finals(db: sqlite3.Connection, jobs: Sequence[Job]) -> list[Final]:
    """How those jobs that are here ended; raises `DamagedRun`."""
    return _sound(db, jobs, _final)


def test_counts(db: sqlite3.Connection, jobs: Sequence[Job]) -> dict[str, Counts]:
    """(correct, images) on the test images by key, of those jobs that were tested; raises `DamagedRun`."""
    counts = _sound(db, jobs, lambda job, found: (job.key, tested.of(db, job, found[0])))
    return {key: pair for key, pair in counts if pair}


def known_checkups(db: sqlite3.Connection, jobs: Sequence[Job]) -> dict[str, Checkup]:
    """How well the norms of those jobs are, by key, where somebody looked; raises `DamagedRun`."""
    found = _sound(db, jobs, lambda job, values: (job.key, checkups.of(db, job, values[0])))
    return {key: checkup for key, checkup in found if checkup}


def damage(db: sqlite3.Connection, project: Path, jobs: Sequence[Job], *, deep: bool) -> dict[str, str]:
    """Why the runs are damaged that are, by key; with `deep`, probabilities and weights are opened as well."""
    shelf = Shelf(project, [job.key for job in jobs])

    def read(job: Job, found: Values) -> None:
        record = _record(db, shelf, job, found)
        tested.of(db, job, found[0])
        checkups.of(db, job, found[0])
        if deep:
            _ = record.probabilities, record.weights

    return _sifted(db, jobs, read)[1]


def drop(db: sqlite3.Connection, keys: Collection[str]) -> None:
    """Delete the rows of runs, and rows that a flipped bit has left without one."""
    db.execute("DELETE FROM run WHERE key IN (SELECT value FROM json_each(?))", (json.dumps([*keys]),))
    for table in ("epoch", "kernel_size", "flow", "prediction", "tested", "checkup"):
        db.execute(f"DELETE FROM {table} WHERE run NOT IN (SELECT id FROM run)")


def sweep(db: sqlite3.Connection, project: Path) -> None:
    """Delete the weights files of runs that are not here; nobody commits one meanwhile."""
    for path in orphans(db, project):
        path.unlink()


def orphans(db: sqlite3.Connection, project: Path) -> list[Path]:
    """Weights files that belong to no run: of a process that was killed, or of runs that were dropped."""
    return weights.orphans(project, {key for (key,) in db.execute("SELECT key FROM run")})


def _record(db: sqlite3.Connection, shelf: Shelf, job: Job, found: Values) -> RunRecord:
    number, row = found[0], rows.row_of(job, found)
    with rows.understood(job, "where it was made"):
        environment = rows.environment_of(row.environment)
    return RunRecord(
        job=job,
        parameters=row.parameters,
        epochs=rows.epochs_of(db, job, number, row),
        contents=Stored(shelf.project, job, row, shelf),
        seconds=row.seconds,
        environment=environment,
        diverged_at=row.diverged_at,
        sizes=rows.sizes_of(db, job, number, row),
        flow=rows.flow_of(db, job, number, row),
    )


def _final(job: Job, found: Values) -> Final:
    row = rows.row_of(job, found)
    return Final(job, row.judged_correct, row.judged_images, row.diverged_at, row.seconds)


def _sound(db: sqlite3.Connection, jobs: Sequence[Job], read: Callable[[Job, Values], T]) -> list[T]:
    values, why = _sifted(db, jobs, read)
    if why:
        raise DamagedRun({job.key: job.name for job in jobs if job.key in why}, why)
    return values


def _sifted(
    db: sqlite3.Connection, jobs: Sequence[Job], read: Callable[[Job, Values], T]
) -> tuple[list[T], dict[str, str]]:
    """What is read of those jobs that are here and sound, and why the others are not sound."""
    found, values, why = rows.find(db, jobs), list[T](), dict[str, str]()
    for job in jobs:
        if job.key in found:
            try:
                values.append(read(job, found[job.key]))
            except DamagedRun as error:
                why |= error.why
    return values, why
