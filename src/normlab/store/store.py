"""The store of one study: commit a run once, read all of them back."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import astuple, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

import numpy as np

from normlab import files
from normlab.errors import StoreError
from normlab.records import Environment, Epoch, KernelSize, RunRecord
from normlab.spec import Study, design, from_toml
from normlab.store import weights
from normlab.store.database import connect, told_plainly, transaction

FILE = "runs.sqlite"
TESTED = "tested.json"
EPOCH_COLUMNS = [f.name for f in fields(Epoch)]
SIZE_COLUMNS = [f.name for f in fields(KernelSize)]
ENVIRONMENT_COLUMNS = [f.name for f in fields(Environment)]


class Store:
    """The records of one study in one folder; a context manager. One process writes.

    <folder>/study.toml              the spec, for people
    <folder>/runs.sqlite             everything but the weights
    <folder>/weights/*.safetensors   final weights, one file a run
    <folder>/tested.json             test accuracies of what a path chose on held-out images
    """

    def __init__(self, folder: Path, study: Study, connection: sqlite3.Connection) -> None:
        self.folder, self.study, self._db = folder, study, connection

    @classmethod
    def for_study(cls, out: Path, study: Study) -> Self:
        """The study's store below `out`, made if it is not there.

        Raises `StoreError` where the folder cannot be written or belongs to another study.
        """
        folder = out / study.folder_name
        with told_plainly(folder):
            folder.mkdir(parents=True, exist_ok=True)
            store = cls(folder, study, connect(folder / FILE))
            store._claim()
            store._write_spec()
        return store

    @classmethod
    def at(cls, folder: Path) -> Self:
        """The store that is in `folder`, with the study it was made for; raises `StoreError` where there is none."""
        if not (folder / FILE).is_file():
            raise StoreError(f"{folder} holds no study: expected a folder with {FILE}, as `normlab compare` makes it")
        with told_plainly(folder):
            connection = connect(folder / FILE)
            row = connection.execute("SELECT toml FROM study").fetchone()
        if row is None:
            connection.close()
            raise StoreError(f"{folder / FILE} holds no study yet: run the command that made it again")
        return cls(folder, from_toml(row[0], str(folder / FILE)), connection)

    def rejudge(self, level: float | None = None, margin: float | None = None) -> None:
        """Judge by another level or margin from now on; nothing has to be trained anew for that."""
        self.study = design(self.study, level=level, margin=margin)
        with told_plainly(self.folder), transaction(self._db):
            self._db.execute("UPDATE study SET toml = ?", (self.study.to_toml(),))
            self._write_spec()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Fold the write-ahead log into the file and close it."""
        self._db.close()

    def done(self) -> set[tuple[str, int]]:
        """(arm, seed) of every run that needs no further work."""
        with told_plainly(self.folder):
            return set(self._db.execute("SELECT arm, seed FROM run"))

    def sound(self) -> set[tuple[str, int]]:
        """(arm, seed) of every finished run that did not diverge."""
        with told_plainly(self.folder):
            return set(self._db.execute("SELECT arm, seed FROM run WHERE diverged_at IS NULL"))

    def engines(self) -> set[str]:
        """The engines that made the finished runs; one, unless somebody mixed them by hand."""
        with told_plainly(self.folder):
            rows = self._db.execute(
                "SELECT DISTINCT engine FROM environment JOIN run ON run.environment = environment.id"
            )
            return {row[0] for row in rows}

    def commit(self, record: RunRecord) -> bool:
        """Keep a finished run; gives False, and changes nothing, if it is here already.

        When this returns, the run survives a kill; when it raises `StoreError`, the store is as it was.
        """
        number = [arm.name for arm in self.study.arms].index(record.arm)
        name = weights.file_name(number, record.arm, record.seed)
        with told_plainly(self.folder), transaction(self._db):
            if (record.arm, record.seed) in self.done():
                return False
            sha = weights.write(self.folder / "weights" / name, record.weights)
            self._insert(record, name, sha)
        return True

    def runs(self) -> list[RunRecord]:
        """Every record, in the order of the study's arms and then of seeds."""
        order = {arm.name: i for i, arm in enumerate(self.study.arms)}
        with told_plainly(self.folder):
            rows = self._db.execute(
                "SELECT id, arm, seed, parameters, seconds, diverged_at, images, classes, probabilities,"
                " weights, weights_sha, environment FROM run"
            ).fetchall()
            return sorted((self._record(row) for row in rows), key=lambda run: (order[run.arm], run.seed))

    def tested(self) -> dict[str, list[float]]:
        """Test accuracies in percent of arms that were chosen on held-out images, by seed; empty before that."""
        path = self.folder / TESTED
        with told_plainly(self.folder):
            if not path.is_file():
                return {}
            try:
                return {str(arm): [float(v) for v in values] for arm, values in json.loads(path.read_text()).items()}
            except (ValueError, AttributeError, TypeError):
                raise StoreError(f"{path} is not as normlab wrote it: delete it to test the choice anew") from None

    def keep_tested(self, accuracies: Mapping[str, Sequence[float]]) -> None:
        """Keep the test accuracies of what was chosen."""
        with told_plainly(self.folder):
            files.write(self.folder / TESTED, json.dumps(accuracies, indent=2).encode())

    def _claim(self) -> None:
        """Write the study into a new store, or see that an old one is the same study's."""
        with transaction(self._db):
            row = self._db.execute("SELECT digest FROM study").fetchone()
            if row is None:
                values = (self.study.digest, self.study.to_toml(), _now())
                self._db.execute("INSERT INTO study VALUES (1, ?, ?, ?)", values)
            elif row[0] != self.study.digest:
                raise StoreError(f"{self.folder} belongs to another study: choose another folder with --out")
            else:
                self._db.execute("UPDATE study SET toml = ?", (self.study.to_toml(),))

    def _write_spec(self) -> None:
        """The spec for people: written where it is not there yet, or not the same."""
        path, text = self.folder / "study.toml", self.study.to_toml().encode()
        if not path.exists() or path.read_bytes() != text:
            files.write(path, text)

    def _insert(self, record: RunRecord, weights_file: str, sha: str) -> None:
        images, classes = record.probabilities.shape
        cursor = self._db.execute(
            "INSERT INTO run (arm, seed, parameters, seconds, diverged_at, images, classes, probabilities,"
            " weights, weights_sha, environment, finished) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                record.arm,
                record.seed,
                record.parameters,
                record.seconds,
                record.diverged_at,
                images,
                classes,
                record.probabilities.astype("<f4").tobytes(),
                weights_file,
                sha,
                self._environment_id(record.environment),
                _now(),
            ),
        )
        self._insert_rows("epoch", EPOCH_COLUMNS, [(cursor.lastrowid, *astuple(epoch)) for epoch in record.epochs])
        self._insert_rows("kernel_size", SIZE_COLUMNS, [(cursor.lastrowid, *astuple(size)) for size in record.sizes])

    def _insert_rows(self, table: str, columns: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> None:
        marks = ", ".join("?" * (1 + len(columns)))
        self._db.executemany(f"INSERT INTO {table} (run, {', '.join(columns)}) VALUES ({marks})", rows)

    def _environment_id(self, environment: Environment) -> int:
        values = astuple(environment)
        names, marks = ", ".join(ENVIRONMENT_COLUMNS), ", ".join("?" * len(values))
        self._db.execute(f"INSERT OR IGNORE INTO environment ({names}) VALUES ({marks})", values)
        same = " AND ".join(f"{name} = ?" for name in ENVIRONMENT_COLUMNS)
        return int(self._db.execute(f"SELECT id FROM environment WHERE {same}", values).fetchone()[0])

    def _record(self, row: tuple[Any, ...]) -> RunRecord:
        id_, arm, seed, parameters, seconds, diverged_at, images, classes, blob, file, sha, environment = row
        epochs = self._db.execute(
            f"SELECT {', '.join(EPOCH_COLUMNS)} FROM epoch WHERE run = ? ORDER BY epoch", (id_,)
        ).fetchall()
        sizes = self._db.execute(
            f"SELECT {', '.join(SIZE_COLUMNS)} FROM kernel_size WHERE run = ? ORDER BY epoch, kernel", (id_,)
        ).fetchall()
        where = self._db.execute(
            f"SELECT {', '.join(ENVIRONMENT_COLUMNS)} FROM environment WHERE id = ?", (environment,)
        ).fetchone()
        return RunRecord(
            arm=arm,
            seed=seed,
            parameters=parameters,
            epochs=tuple(Epoch(*epoch) for epoch in epochs),
            probabilities=np.frombuffer(blob, "<f4").reshape(images, classes),
            weights=weights.read(self.folder / "weights" / file, sha),
            seconds=seconds,
            environment=Environment(*where),
            diverged_at=diverged_at,
            sizes=tuple(KernelSize(*size) for size in sizes),
        )


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
