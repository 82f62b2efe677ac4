"""A run as rows: what goes into the tables, and what comes out of them with its checksums seen right."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from normlab.errors import DamagedRun
from normlab.records import Environment, Epoch, Flow, Job, KernelSize, RunRecord
from normlab.store import checksums, weights


@dataclass(frozen=True)
class Row:
    """A row of the table `run` without its number and checksum: the fields are the columns, see `schema.sql`."""

    key: str
    recipe: str
    seed: int
    root: str
    device: str
    engine: str
    data: str
    after: str
    code: str
    only: str
    environment: str
    parameters: int
    seconds: float
    diverged_at: int | None
    epochs: int
    judged_correct: int | None
    judged_images: int | None
    images: int
    classes: int
    epochs_sha: str
    sizes_sha: str
    flow_sha: str
    probabilities_sha: str
    weights_sha: str
    finished: str


Values = tuple[Any, ...]

LISTS = {
    "epoch": ("epoch", 1, "its epochs were"),
    "kernel_size": ("place", 2, "the sizes of its kernels were"),
    "flow": ("place", 2, "the flow through its layers was"),
}
"""The tables of a run's lists: by what they are in order, which column is the first value, and what they are called."""


def damaged(job: Job, why: str) -> DamagedRun:
    """The error of one run."""
    return DamagedRun({job.key: job.name}, {job.key: why})


@contextmanager
def understood(job: Job, what: str) -> Iterator[None]:
    """What is raised of a run's content that no normlab has written, checksums or not, as `DamagedRun`."""
    try:
        yield
    except (ValueError, TypeError, LookupError, AttributeError) as error:
        raise damaged(job, f"{what} cannot be understood") from error


def now() -> str:
    """ISO 8601, UTC, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")


@dataclass(frozen=True)
class Parcel:
    """A run as it is written, wherever that is.

    Args:
        row: of the table `run`.
        lists: the rows of `LISTS`, by table, without what says whose they are and where they stand.
        probabilities: the blob of `prediction`.
        weights: its safetensors file.
    """

    row: Row
    lists: Mapping[str, Sequence[Values]]
    probabilities: bytes
    weights: bytes

    @property
    def trouble(self) -> str:
        """Why it is not as it was packed, empty where it is."""
        row, of = self.row, checksums
        sums = {
            "its epochs": (of.of_values(self.lists["epoch"]), row.epochs_sha),
            "the sizes of its kernels": (of.of_values(self.lists["kernel_size"]), row.sizes_sha),
            "the flow through its layers": (of.of_values(self.lists["flow"]), row.flow_sha),
            "its probabilities": (of.of_bytes(self.probabilities), row.probabilities_sha),
            "its weights": (of.of_bytes(self.weights), row.weights_sha),
        }
        return next((f"{what} were changed" for what, (found, noted) in sums.items() if found != noted), "")


def pack(record: RunRecord) -> Parcel:
    """A record as it is written."""
    parts = {"epoch": record.epochs, "kernel_size": record.sizes, "flow": record.flow}
    lists = {table: [_values(each) for each in part] for table, part in parts.items()}
    probabilities = np.ascontiguousarray(record.probabilities, "<f4")
    payload = weights.packed(record.weights)
    sums = {table: checksums.of_values(values) for table, values in lists.items()}
    row = _row(record, probabilities, sums, checksums.of_bytes(payload))
    return Parcel(row, lists, probabilities.tobytes(), payload)


def insert(db: sqlite3.Connection, parcel: Parcel) -> None:
    """Put a run's rows into the tables."""
    row = _values(parcel.row)
    _put(db, "run", [(None, *row, checksums.of_values(row))])
    number = db.execute("SELECT last_insert_rowid()").fetchone()[0]
    _put(db, "epoch", [(number, *each) for each in parcel.lists["epoch"]])
    for table in ("kernel_size", "flow"):
        _put(db, table, [(number, place, *each) for place, each in enumerate(parcel.lists[table])])
    _put(db, "prediction", [(number, parcel.probabilities)])


def find(db: sqlite3.Connection, jobs: Sequence[Job]) -> dict[str, Values]:
    """The rows of those jobs that are here, by key and as they are."""
    keys = json.dumps([job.key for job in jobs])
    found = db.execute("SELECT value, run.* FROM json_each(?) JOIN run ON run.key = value", (keys,))
    return {key: tuple(values) for key, *values in found}


def row_of(job: Job, found: Values) -> Row:
    """A row seen right; raises `DamagedRun` where it is not as it was written, or is another run's."""
    _, *values, checksum = found
    asked = identity(job)
    if checksums.of_values(values) != checksum or tuple(values[: len(asked)]) != asked:
        raise damaged(job, "its row was changed")
    row = Row(*asked, *values[len(asked) :])  # texts of a job's own, which thousands of runs share
    if row.diverged_at is None and not row.epochs:
        raise damaged(job, "it is finished and has no epoch")
    return row


def epochs_of(db: sqlite3.Connection, job: Job, number: int, row: Row) -> tuple[Epoch, ...]:
    """A run's epochs seen right; raises `DamagedRun`."""
    found = tuple(Epoch(*values) for values in _list(db, job, number, "epoch", row.epochs_sha))
    if len(found) != row.epochs:
        raise damaged(job, f"it has {len(found)} epochs and not {row.epochs}")
    return found


def sizes_of(db: sqlite3.Connection, job: Job, number: int, row: Row) -> tuple[KernelSize, ...]:
    """The sizes of a run's kernels seen right; raises `DamagedRun`."""
    return tuple(KernelSize(*values) for values in _list(db, job, number, "kernel_size", row.sizes_sha))


def flow_of(db: sqlite3.Connection, job: Job, number: int, row: Row) -> tuple[Flow, ...]:
    """How the signal flows through a run's layers, seen right; raises `DamagedRun`."""
    return tuple(Flow(*values) for values in _list(db, job, number, "flow", row.flow_sha))


def _list(db: sqlite3.Connection, job: Job, number: int, table: str, checksum: str) -> list[Values]:
    """A run's rows of a table in their order, without what says whose they are and where they stand."""
    rows = list_of(db, number, table)
    if checksums.of_values(rows) != checksum:
        raise damaged(job, f"{LISTS[table][2]} changed")
    return rows


def list_of(db: sqlite3.Connection, number: int, table: str) -> list[Values]:
    """A run's rows of a table as they are, see `Parcel.lists`."""
    order, first, _ = LISTS[table]
    found = db.execute(f"SELECT * FROM {table} WHERE run = ? ORDER BY {order}", (number,))
    return [values[first:] for values in found]


@lru_cache(maxsize=1024)
def environment_of(text: str) -> Environment:
    """Where a run was made; most runs of a project were made in one place, and share it."""
    return Environment(**json.loads(text))


def identity(job: Job) -> tuple[str, str, int, str, str, str, str, str, str, str]:
    """The first columns of a row: its key, and what the key is made of."""
    made_of = (str(job.root), job.device, job.engine, job.data, job.after, job.code, job.only)
    return (job.key, job.recipe.text, job.seed, *made_of)


def _row(record: RunRecord, probabilities: NDArray[np.float32], sums: Mapping[str, str], weights_sha: str) -> Row:
    last = record.epochs[-1] if record.epochs else None
    return Row(
        *identity(record.job),
        environment=json.dumps(asdict(record.environment)),
        parameters=record.parameters,
        seconds=float(record.seconds),
        diverged_at=record.diverged_at,
        epochs=len(record.epochs),
        judged_correct=last.judged_correct if last else None,
        judged_images=last.judged_images if last else None,
        images=probabilities.shape[0],
        classes=probabilities.shape[1],
        epochs_sha=sums["epoch"],
        sizes_sha=sums["kernel_size"],
        flow_sha=sums["flow"],
        probabilities_sha=checksums.of_bytes(probabilities.tobytes()),
        weights_sha=weights_sha,
        finished=now(),
    )


def _values(value: Any) -> Values:
    """The fields of a value as SQLite gives them back: fractions as floats, and −0.0 as 0.0."""
    pairs = [(field.type, getattr(value, field.name)) for field in fields(value)]
    return tuple(float(item) + 0.0 if kind == "float" else item for kind, item in pairs)


def _put(db: sqlite3.Connection, table: str, rows: Sequence[Values]) -> None:
    """Insert whole rows, if there are any."""
    if rows:
        marks = ", ".join("?" * len(rows[0]))
        db.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)
