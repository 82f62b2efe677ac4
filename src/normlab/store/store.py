"""The store of a project, as everybody else uses it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Self, TypeVar

from normlab import leftovers
from normlab.calls import Call, CallRecord
from normlab.errors import DamagedRun, StoreError
from normlab.records import Checkup, Job, Look, RunRecord
from normlab.store import calls, checkpoints, checkups, looks, parcels, runs, studies, tested, weights
from normlab.store.checkpoints import Checkpoints
from normlab.store.database import FILE, nothing_here
from normlab.store.leases import Leases
from normlab.store.listing import RunRow, Unused, listing, unused
from normlab.store.merged import Merged
from normlab.store.parcels import Spool
from normlab.store.reading import ask
from normlab.store.rows import Parcel, Values, pack
from normlab.store.runs import Final
from normlab.store.studies import NotedStudy
from normlab.store.tested import Counts
from normlab.store.trouble import plain_errors
from normlab.store.writing import shrink, transaction, writer

T = TypeVar("T")
AT_ONCE = 128
"""Runs of a spool that are kept in one transaction."""


class Store:
    """The runs of a project's folder, and the studies that refer to them; a context manager.

    <project>/runs.db                    everything but the weights
    <project>/weights/<key>.safetensors  final weights, one file a run
    <project>/checkpoints/               runs in the middle, see `Checkpoints`

    Several processes may write at once. Every row, blob and file has a checksum that is verified when it is read.
    Raises `StoreError` wherever the folder cannot be read or written, and `DamagedRun` for runs that are not as they
    were written; when a method raises, the store is as it was.
    """

    def __init__(self, project: Path, connection: sqlite3.Connection | None) -> None:
        self.project, self._writer = project, connection
        self.spool = Spool(project)  # the runs that workers have left

    @classmethod
    def open(cls, project: Path) -> Self:
        """A store to read and write, made if it is not there."""
        with plain_errors(project):
            connection = writer(project)
        for folder in ("", weights.FOLDER, checkpoints.FOLDER, parcels.FOLDER):
            leftovers.sweep(project / folder)
        return cls(project, connection)

    @classmethod
    def reading(cls, project: Path, *, needed: bool = False) -> Self:
        """A store that is never written: no file is made or touched, and a folder without one reads as empty.

        With `needed`, a folder without one is an error.
        """
        if needed and not (project / FILE).is_file():
            raise nothing_here(project)
        store = cls(project, None)
        store._ask(lambda _: None)
        return store

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Fold the write-ahead log into the file and close it."""
        if self._writer:
            self._writer.close()
            self._writer = None

    def commit(self, record: RunRecord) -> bool:
        """Keep a finished run; gives False, and changes nothing, if it is here already.

        When this returns, the run survives a kill.
        """
        with self._transaction() as db:
            new = runs.commit(db, self.project, [pack(record)])
        self.checkpoints.drop(record.key)
        return bool(new)

    def tidy(self) -> None:
        """Remove the leases and checkpoints that a process which was killed has left of runs that are kept."""
        leases, checkpoints = Leases(self.project), self.checkpoints
        known = [*leases.leased(), *checkpoints.keys()]
        kept = self.have(known) | self.have_calls(known)
        leases.sweep(kept)
        checkpoints.drop(*kept)

    def merge_spool(self) -> Merged:
        """Keep the runs that workers have left; those that are not as they were written stay where they are."""
        merged = Merged()
        for keys in batched(self.spool.waiting(), AT_ONCE):
            if parcels := [parcel for key in keys if (parcel := self._spooled(key, merged))]:
                done = self._merge(parcels, merged)
                self.spool.drop(done)
                self.checkpoints.drop(*done)
        return merged

    def _spooled(self, key: str, merged: Merged) -> Parcel | None:
        try:
            return self.spool.take(key)
        except FileNotFoundError:
            return None  # somebody else has merged it just now
        except (ValueError, OSError) as error:
            merged.damaged[key] = str(error)
            return None

    def merge(self, other: Path) -> Merged:
        """Keep what another project's store has: runs, looks, and studies whose names are free here.

        Raises `StoreError` where there is none, or it cannot be read.
        """
        merged = Merged()
        with type(self).reading(other, needed=True) as store:
            for key in store._ask(parcels.keys):
                found = store._ask(partial(parcels.of, project=other, key=key))
                if isinstance(found, str):
                    merged.damaged[key] = found
                else:
                    self._merge([found], merged)
            self._merge_calls(store._ask(calls.every), merged)
            for look in store._ask(lambda db: looks.every(db, other)):
                self.look(look)
            here = {study.name for study in self.studies()}
            for study in store.studies():
                if study.name not in here:
                    self.note(study.name, study.toml, study.keys)
        return merged

    def _merge(self, parcels: Sequence[Parcel], merged: Merged) -> list[str]:
        """Keep runs in one transaction, and count them; gives their keys."""
        with self._transaction() as db:
            merged.count([parcel.row.key for parcel in parcels], runs.commit(db, self.project, parcels))
        return [parcel.row.key for parcel in parcels]

    def _merge_calls(self, found: Sequence[tuple[Values, bool]], merged: Merged) -> None:
        sound = [values for values, whole in found if whole]
        with self._transaction() as db:
            merged.count([row[0] for row in sound], [row[0] for row in sound if calls.insert(db, row)])
        merged.damaged |= {row[0]: "its row was changed" for row, whole in found if not whole}

    @property
    def checkpoints(self) -> Checkpoints:
        """The runs of the folder that are in the middle."""
        return Checkpoints(self.project)

    def have(self, keys: Collection[str]) -> set[str]:
        """Those of these keys whose runs are here."""
        return self._ask(lambda db: runs.have(db, keys))

    def runs(self, jobs: Sequence[Job]) -> list[RunRecord]:
        """The records of those jobs that are here, in their order, probabilities and weights unopened."""
        return self._ask(lambda db: runs.records(db, self.project, jobs))

    def finals(self, jobs: Sequence[Job]) -> list[Final]:
        """How those jobs that are here ended, in their order."""
        return self._ask(lambda db: runs.finals(db, jobs))

    def damaged(self, jobs: Sequence[Job], *, deep: bool = False) -> Mapping[str, str]:
        """Why the runs are damaged that are, by key; with `deep`, probabilities and weights are opened as well."""
        return self._ask(lambda db: runs.damage(db, self.project, jobs, deep=deep))

    def drop(self, keys: Collection[str]) -> None:
        """Delete runs, and all weights files that belong to none."""
        with self._transaction() as db:
            runs.drop(db, keys)
        with self._transaction() as db:
            runs.sweep(db, self.project)
        with plain_errors(self.project):
            shrink(db)

    def repair(self, jobs: Sequence[Job]) -> Mapping[str, str]:
        """Drop those of these runs that are damaged, and forget studies that are; gives why, by the runs' keys."""
        with self._transaction() as db:
            studies.mend(db)
        why = self.damaged(jobs, deep=True)
        self.drop(why)
        return why

    def listing(self) -> list[RunRow]:
        """Every run, in the order in which they were finished."""
        return self._ask(lambda db: listing(db, self.project))

    def unused(self) -> Unused:
        """The runs that no study refers to, and weights files that belong to no run."""
        return self._ask(lambda db: unused(db, self.project))

    def note(self, study: str, toml: str, keys: Sequence[str]) -> None:
        """Say which runs a study refers to; what was noted of it before is replaced."""
        with self._transaction() as db:
            studies.note(db, study, toml, keys)

    def noted(self, study: str) -> NotedStudy | None:
        """A study as it was noted, None where it never was."""
        return self._ask(lambda db: studies.noted(db, self.project, study))

    def studies(self) -> list[NotedStudy]:
        """Every study, by name."""
        return self._ask(lambda db: studies.every(db, self.project))

    def forget(self, study: str) -> None:
        """The study refers to no runs any more; they stay until they are dropped."""
        with self._transaction() as db:
            studies.forget(db, study)

    def look(self, look: Look) -> None:
        """Remember that a verdict was shown; the same one shown again is one look."""
        with self._transaction() as db:
            looks.remember(db, self.project, look)

    def looks(self, arms: Collection[str]) -> list[Look]:
        """The looks at two or more of these arms, by their recipes' digests, in order of time."""
        return self._ask(lambda db: looks.on(db, self.project, arms))

    def commit_call(self, record: CallRecord) -> bool:
        """Keep what a function of one's own gave; False, and nothing changes, if it is here already."""
        with self._transaction() as db:
            return calls.commit(db, record)

    def have_calls(self, keys: Collection[str]) -> set[str]:
        """Those of these keys whose runs of functions of one's own are here."""
        return self._ask(lambda db: calls.have(db, keys))

    def call_records(self, asked: Sequence[Call]) -> list[CallRecord]:
        """What those calls gave that are here, in their order."""
        return self._ask(lambda db: calls.records(db, asked))

    def repair_calls(self, asked: Sequence[Call]) -> None:
        """Drop those of these runs of functions of one's own that are damaged."""
        try:
            self.call_records(asked)
        except DamagedRun as error:
            with self._transaction() as db:
                calls.drop(db, error.why)

    def keep_tested(self, counts: Mapping[str, Counts]) -> None:
        """Keep (correct, images) on the test images, by the keys of runs that are here."""
        with self._transaction() as db:
            tested.keep(db, counts)

    def tested(self, jobs: Sequence[Job]) -> dict[str, Counts]:
        """(correct, images) on the test images by key, of those jobs that were tested."""
        return self._ask(lambda db: runs.test_counts(db, jobs))

    def keep_checkups(self, found: Mapping[str, Checkup]) -> None:
        """Keep how well the norms of runs are that are here, by their keys."""
        with self._transaction() as db:
            checkups.keep(db, found)

    def checkups(self, jobs: Sequence[Job]) -> dict[str, Checkup]:
        """How well the norms of those jobs are, by key, where somebody looked."""
        return self._ask(lambda db: runs.known_checkups(db, jobs))

    def _ask(self, question: Callable[[sqlite3.Connection], T]) -> T:
        return ask(self.project, question)

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        if self._writer is None:
            raise StoreError(f"the store of {self.project} is open for reading: use Store.open to write")
        with plain_errors(self.project), transaction(self._writer) as db:
            yield db


def batched(keys: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    """One part of them after another."""
    for start in range(0, len(keys), size):
        yield keys[start : start + size]
