"""The one connection that a process writes by: what is committed survives a kill or a power cut."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from normlab.store.database import FILE, PATIENCE, connected, empty, lay_down
from normlab.store.reading import ask
from normlab.store.trouble import code


def writer(project: Path) -> sqlite3.Connection:
    """A connection with write-ahead log and full synchronization, to a file that is made if it is not there.

    Raises:
        StoreError: the file has another format, or is none of ours.
        sqlite3.Error, OSError: as they come; `plain_errors` translates them.
    """
    ask(project, lambda _: None)  # a file that is not ours is refused before anything is written to it
    project.mkdir(parents=True, exist_ok=True)
    connection = connected(project / FILE)
    try:
        connection.execute("PRAGMA auto_vacuum = INCREMENTAL")  # of a new file; an old one has it already
        _log_ahead(connection)
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
        with transaction(connection):
            if empty(connection, project):
                lay_down(connection)
    except BaseException:
        connection.close()
        raise
    return connection


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[sqlite3.Connection]:
    """All or nothing: takes the write lock at once, commits at the end, rolls back on any error."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield connection
    except BaseException:
        connection.rollback()
        raise
    connection.execute("COMMIT")


def shrink(connection: sqlite3.Connection) -> None:
    """Give the space of deleted rows back; only a script runs this statement to its end."""
    connection.executescript("PRAGMA incremental_vacuum")


def _log_ahead(connection: sqlite3.Connection) -> None:
    """Turn the write-ahead log on; SQLite itself does not wait here for others who do the same."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if code(error) != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(0.02)
        else:
            return
