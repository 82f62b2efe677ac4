"""Studies: a name, a spec, and the runs that it refers to."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from normlab.errors import StoreError
from normlab.store import checksums
from normlab.store.rows import Values, now
from normlab.store.trouble import damaged


@dataclass(frozen=True)
class NotedStudy:
    """A study as it was when its command ran last.

    `toml` is its spec, `noted` the time (ISO 8601, UTC), `keys` the runs that it refers to, here or still owed.
    """

    name: str
    toml: str
    noted: str
    keys: tuple[str, ...]

    @property
    def digest(self) -> str:
        """SHA-256 of the TOML, 64 hexadecimal digits."""
        return checksums.of_bytes(self.toml.encode())


def note(db: sqlite3.Connection, name: str, toml: str, keys: Sequence[str]) -> None:
    """Say which runs a study refers to; what was noted of it before is replaced."""
    values = (name, toml, now(), json.dumps([*keys]))
    db.execute("INSERT OR REPLACE INTO study VALUES (?, ?, ?, ?, ?)", (*values, checksums.of_values(values)))


def forget(db: sqlite3.Connection, name: str) -> None:
    """The study refers to no runs any more."""
    db.execute("DELETE FROM study WHERE name = ?", (name,))


def noted(db: sqlite3.Connection, project: Path, name: str) -> NotedStudy | None:
    """A study by its name, None where it is not known; raises `StoreError` where its row was changed or is hidden."""
    _nothing_hidden(db, project)
    found = db.execute("SELECT * FROM study WHERE name = ?", (name,)).fetchone()
    return found and _study(found)


def every(db: sqlite3.Connection, project: Path) -> list[NotedStudy]:
    """All studies by name; raises `StoreError` where a row was changed or is hidden."""
    _nothing_hidden(db, project)
    return [_study(found) for found in db.execute("SELECT * FROM study ORDER BY name").fetchall()]


def mend(db: sqlite3.Connection) -> None:
    """Forget the studies whose rows were changed: their commands note them anew."""
    db.execute("REINDEX study")
    for *values, checksum in db.execute("SELECT * FROM study").fetchall():
        if checksums.of_values(values) != checksum:
            forget(db, values[0])


def _nothing_hidden(db: sqlite3.Connection, project: Path) -> None:
    """A flipped bit in a page's header, or in the index of names, can make SQLite pass over a row without an error."""
    found = db.execute("PRAGMA integrity_check(study)").fetchone()[0]
    if found != "ok":
        raise damaged(project, f"table study: {found}")


def _study(found: Values) -> NotedStudy:
    *values, checksum = found
    if checksums.of_values(values) != checksum:
        raise _damaged(values[0], "its row was changed")
    name, toml, when, keys = values
    try:
        return NotedStudy(name, toml, when, tuple(map(str, json.loads(keys))))
    except (ValueError, TypeError):
        raise _damaged(name, "its runs cannot be understood") from None


def _damaged(name: object, why: str) -> StoreError:
    return StoreError(
        f"the study {name!r:.64} is damaged in the store ({why}): give its command, in full or by its file, again with "
        "--repair"
    )
