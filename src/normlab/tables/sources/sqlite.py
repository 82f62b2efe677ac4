"""SQLite databases of other tools, read and never written."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from normlab.errors import SpecError

MAGIC = b"SQLite format 3\0"
LONGEST = 100_000_000
"""Steps of SQLite's machine that a query may take: a table that somebody made may be a view without end."""


@contextmanager
def opened(path: Path) -> Iterator[sqlite3.Connection]:
    """A connection that cannot write; raises `SpecError` for what SQLite cannot read."""
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as database:
            database.execute("PRAGMA trusted_schema = OFF")
            database.set_progress_handler(lambda: 1, LONGEST)
            yield database
    except (sqlite3.Error, UnicodeDecodeError) as error:  # the latter where what SQLite complains of is no text
        raise SpecError(f"{path}: cannot be read as a database: {error}") from None


def tables(database: sqlite3.Connection) -> set[str]:
    """The names of its tables."""
    return {name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
