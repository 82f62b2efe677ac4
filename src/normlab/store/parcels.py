"""Runs on their way from one store to another: out of a database, or as a file in a spool.

A worker on another machine leaves a file a run, whole or not at all, and one process puts them into the database: no
other opens that over a network.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load

from normlab import files
from normlab.files import Footprint
from normlab.records import Epoch, Flow, Held, Job, KernelSize, RunRecord
from normlab.store import checksums, forms, weights
from normlab.store.rows import LISTS, Parcel, Row, environment_of, list_of, pack
from normlab.store.sealed import seal, unseal
from normlab.store.trouble import plain_errors

FOLDER, ENDING = "spool", ".run"
ARRAYS = ("probabilities", "weights")


@dataclass(frozen=True)
class Spool:
    """The runs that workers have left in a project and that nobody has merged yet.

    `refused` are the files that this object found changed, as they were then, and why.
    """

    project: Path
    refused: dict[str, tuple[Footprint, str]] = field(default_factory=dict, compare=False, repr=False)

    def put(self, record: RunRecord) -> None:
        """Leave a run, whole or not at all; raises `StoreError`."""
        content = sealed(record)
        with plain_errors(self.project):
            files.write(self._path(record.key), content)

    def waiting(self) -> list[str]:
        """The keys of the runs that lie there, in order."""
        return sorted(path.stem for path in (self.project / FOLDER).glob(f"*{ENDING}"))

    def has(self, key: str) -> bool:
        """Whether a run lies there."""
        return self._path(key).exists()

    def take(self, key: str) -> Parcel:
        """A run as it was left; raises `ValueError` where it is not, and `OSError` where it cannot be read.

        A file that was refused is read again only when it has changed: whoever merges asks each second.
        """
        now = files.footprint(self._path(key))
        before, why = self.refused.get(key, (None, ""))
        if now == before:
            raise ValueError(why)
        try:
            return opened(weights.plain(self._path(key)), key)
        except ValueError as error:
            self.refused[key] = now, str(error)
            raise

    def drop(self, keys: Sequence[str]) -> None:
        """These runs are in the database."""
        with plain_errors(self.project):
            files.remove_all([self._path(key) for key in keys])

    def _path(self, key: str) -> Path:
        return self.project / FOLDER / f"{key}{ENDING}"


def sealed(record: RunRecord) -> bytes:
    """A run as a file of the spool has it, and as it travels."""
    parcel = pack(record)
    arrays = {name: np.frombuffer(getattr(parcel, name), np.uint8) for name in ARRAYS}
    return seal(arrays, {"row": asdict(parcel.row), "lists": parcel.lists})


def opened(content: bytes, key: str) -> Parcel:
    """What was sealed of the run with this key; raises `ValueError` where it is not as it was written."""
    arrays, facts = unseal(content)
    if {*arrays} != {*ARRAYS}:
        raise ValueError("it is no run")
    parcel = _parcel(facts, **{name: array.tobytes() for name, array in arrays.items()})
    if trouble := parcel.trouble or ("" if parcel.row.key == key else "it is another run's"):
        raise ValueError(trouble)
    _check(parcel)
    return parcel


def _check(parcel: Parcel) -> None:
    """Raise `ValueError` for what no reader could make anything of once it is in the database."""
    try:
        environment_of(parcel.row.environment)
        _probabilities(parcel)
        load(parcel.weights)
    except (ValueError, TypeError, LookupError, AttributeError, SafetensorError) as error:
        raise ValueError("it cannot be understood") from error


def _probabilities(parcel: Parcel) -> NDArray[np.float32]:
    shape = parcel.row.images, parcel.row.classes
    return np.frombuffer(parcel.probabilities, "<f4").reshape(shape if min(shape) >= 0 else ())


def record_of(content: bytes, job: Job) -> RunRecord:
    """A sealed run of a job as whoever trained it had it; raises `ValueError` where it is not as it was written."""
    return _record(opened(content, job.key), job)


def keys(db: sqlite3.Connection) -> list[str]:
    """Of all runs of a database, in the order in which they were finished."""
    return [key for (key,) in db.execute("SELECT key FROM run ORDER BY id")]


def of(db: sqlite3.Connection, project: Path, key: str) -> Parcel | str:
    """A run of a database; in the place of one that is damaged, why."""
    number, *values, checksum = db.execute("SELECT * FROM run WHERE key = ?", (key,)).fetchone()
    if checksums.of_values(values) != checksum:
        return "its row was changed"
    row, query = Row(*values), "SELECT CAST(probabilities AS BLOB) FROM prediction WHERE run = ?"
    (blob,) = db.execute(query, (number,)).fetchone() or (b"",)
    lists = {table: list_of(db, number, table) for table in LISTS}
    try:
        parcel = Parcel(row, lists, blob, weights.read(project, key))
    except OSError as error:
        return f"its weights cannot be read: {error.strerror or error}"
    return parcel.trouble or parcel


def _parcel(facts: dict[str, Any], *, probabilities: bytes, weights: bytes) -> Parcel:
    """From what a file holds; raises `ValueError` where it holds something else."""
    try:
        row, found = Row(**facts["row"]), {table: facts["lists"][table] for table in LISTS}
        lists = {table: [tuple(values) for values in rows] for table, rows in found.items()}
    except (TypeError, LookupError) as error:
        raise ValueError("it is of another version") from error
    forms.check(row, lists)
    return Parcel(row, lists, probabilities, weights)


def _record(parcel: Parcel, job: Job) -> RunRecord:
    row, lists = parcel.row, parcel.lists
    return RunRecord(
        job=job,
        parameters=row.parameters,
        epochs=tuple(Epoch(*values) for values in lists["epoch"]),
        contents=Held(_probabilities(parcel), load(parcel.weights)),
        seconds=row.seconds,
        environment=environment_of(row.environment),
        diverged_at=row.diverged_at,
        sizes=tuple(KernelSize(*values) for values in lists["kernel_size"]),
        flow=tuple(Flow(*values) for values in lists["flow"]),
    )
