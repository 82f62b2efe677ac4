"""Opening the SQLite file of a study so that what is committed survives a kill or a power cut."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import resources
from pathlib import Path

from normlab.errors import StoreError

FORMAT = 2
NEWER = "-- Since format 2"


@contextmanager
def told_plainly(folder: Path) -> Iterator[None]:
    """What the system or SQLite reports about the folder, as one `StoreError` line with the way out."""
    try:
        yield
    except (OSError, sqlite3.Error) as error:
        raise StoreError(
            f"cannot use the study folder {folder}: {error}; free space or choose another with --out, "
            "then the same command continues with the runs still owed"
        ) from error


def connect(path: Path) -> sqlite3.Connection:
    """A connection with write-ahead log and full synchronization; a new file gets the schema, an older one what is new.

    Raises:
        StoreError: the file was written by a newer format.
        sqlite3.Error, OSError: as they come; `told_plainly` translates them.
    """
    connection = sqlite3.connect(path, timeout=30, isolation_level=None)
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
        _lay_down_schema(connection, path)
    except BaseException:
        connection.close()
        raise
    return connection


def _lay_down_schema(connection: sqlite3.Connection, path: Path) -> None:
    with transaction(connection):
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        if not 0 <= version <= FORMAT:
            raise StoreError(f"{path} has store format {version}, this normlab reads {FORMAT}: update normlab")
        if version < FORMAT:
            schema = resources.files("normlab.store").joinpath("schema.sql").read_text(encoding="utf-8")
            for statement in _statements(schema if version == 0 else schema.partition(NEWER)[2]):
                connection.execute(statement)
            connection.execute(f"PRAGMA user_version = {FORMAT}")


def _statements(schema: str) -> Iterator[str]:
    """The statements of a schema one by one: `executescript` would end the transaction that they belong to."""
    pending = ""
    for line in schema.splitlines(keepends=True):
        pending += line
        if sqlite3.complete_statement(pending):
            yield pending
            pending = ""


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """All or nothing: takes the write lock at once, commits at the end, rolls back on any error."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        connection.rollback()
        raise
    connection.execute("COMMIT")
