"""The runs of a project as a list, and what no study refers to."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from normlab.errors import DamagedRun, StoreError
from normlab.records import Job
from normlab.seeds import source
from normlab.spec import Recipe
from normlab.store import checksums, runs, studies
from normlab.store.rows import Row


@dataclass(frozen=True)
class RunRow:
    """A run in a list of thousands.

    `correct` of `images` were right in the last of its `epochs`; None for a run that diverged in its first. `studies`
    are the names of those that use it.
    """

    key: str
    recipe: str
    seed: int
    root: int
    device: str
    engine: str
    data: str
    after: str
    code: str
    only: str
    epochs: int
    correct: int | None
    images: int | None
    diverged_at: int | None
    seconds: float
    finished: str
    studies: tuple[str, ...]

    @property
    def job(self) -> Job:
        """What was run; raises `StoreError` where its key says otherwise, as in a run of another version's."""
        with suppress(ValidationError, ValueError):
            recipe = Recipe.model_validate_json(self.recipe)
            made = self.seed, self.root, self.device, self.engine, self.data, self.after, self.code
            job = Job(recipe, *made, only=source(self.only))
            if job.key == self.key:
                return job
        raise StoreError(
            f"run {self.key:.12} was made by another version of normlab, and none of this one's studies can use it: "
            "`normlab runs --prune` deletes those that no study refers to"
        )


@dataclass(frozen=True)
class Unused:
    """What may be deleted: runs that no study refers to, by key, and weights files that belong to no run."""

    keys: tuple[str, ...]
    files: tuple[Path, ...]


def listing(db: sqlite3.Connection, project: Path) -> list[RunRow]:
    """Every run in the order in which they were finished; raises `DamagedRun` for all that were changed."""
    users = _users(db, project)
    found, changed = list[RunRow](), dict[str, str]()
    for _, *values, checksum in db.execute("SELECT * FROM run ORDER BY id"):
        if checksums.of_values(values) == checksum:
            row = Row(*values)
            found.append(_listed(row, users.get(row.key, ())))
        else:
            changed[str(values[0])] = f"run {values[0]!r:.12} · seed {values[2]!r:.12}"
    if changed:
        raise DamagedRun(changed, dict.fromkeys(changed, "its row was changed"))
    return found


def unused(db: sqlite3.Connection, project: Path) -> Unused:
    """What no study refers to."""
    users = _users(db, project)
    keys = tuple(key for (key,) in db.execute("SELECT key FROM run ORDER BY id") if key not in users)
    return Unused(keys, tuple(runs.orphans(db, project)))


def _users(db: sqlite3.Connection, project: Path) -> Mapping[str, tuple[str, ...]]:
    """The names of the studies that refer to each run."""
    users: dict[str, tuple[str, ...]] = {}
    for study in studies.every(db, project):
        for key in study.keys:
            users[key] = (*users.get(key, ()), study.name)
    return users


def _listed(row: Row, users: tuple[str, ...]) -> RunRow:
    return RunRow(
        key=row.key,
        recipe=row.recipe,
        seed=row.seed,
        root=int(row.root),
        device=row.device,
        engine=row.engine,
        data=row.data,
        after=row.after,
        code=row.code,
        only=row.only,
        epochs=row.epochs,
        correct=row.judged_correct,
        images=row.judged_images,
        diverged_at=row.diverged_at,
        seconds=row.seconds,
        finished=row.finished,
        studies=users,
    )
