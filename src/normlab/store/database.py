"""The SQLite file of a project: where it is, what is no such file, and its tables in a new one."""

from __future__ import annotations

import os
import sqlite3
import stat
from functools import partial
from importlib import resources
from pathlib import Path

from normlab.errors import StoreError

FILE = "runs.db"
OLDER_FILE = "runs.sqlite"
FORMAT = 8
PATIENCE = 30.0  # seconds that a process waits for another's transaction


def connected(where: Path | str) -> sqlite3.Connection:
    """A connection to a path or an address; text with flipped bits has another checksum, and is no error by itself."""
    connection = sqlite3.connect(where, uri=isinstance(where, str), timeout=PATIENCE, isolation_level=None)
    connection.text_factory = partial(str, encoding="utf-8", errors="replace")
    return connection


def refuse_strangers(project: Path) -> None:
    """Raise `StoreError` for a file in the place of the folder, a store of the first house, a link, a pipe."""
    path = project / FILE
    if project.exists() and not project.is_dir():
        raise StoreError(f"{project} is a file, and a folder is expected: choose another --out")
    if (project / OLDER_FILE).exists():
        raise _older(project / OLDER_FILE)
    if os.path.lexists(path) and not stat.S_ISREG(path.lstat().st_mode):
        raise StoreError(f"{path} is not a plain file: choose another --out, or delete it")


def empty(connection: sqlite3.Connection, project: Path) -> bool:
    """Whether the file has no tables yet; raises `StoreError` where it has others than ours."""
    # in one statement, and so of one state: another process may be making the tables right now
    both = "SELECT user_version, (SELECT count(*) FROM sqlite_schema) FROM pragma_user_version"
    version, tables = connection.execute(both).fetchone()
    if version != FORMAT and (version or tables):
        raise _older(project / FILE)
    return bool(version != FORMAT)


def nothing_here(project: Path) -> StoreError:
    """That a folder has no store; one with studies of the first house says so."""
    old = next(project.glob(f"*/{OLDER_FILE}"), None)
    if old:
        return _older(old)
    return StoreError(f"{project} holds no runs: expected a folder with {FILE}, as `normlab compare` makes it")


def lay_down(connection: sqlite3.Connection) -> None:
    """Make the tables, statement by statement: `executescript` would end the transaction that they belong to."""
    schema = resources.files("normlab.store").joinpath("schema.sql").read_text(encoding="utf-8")
    pending = ""
    for line in schema.splitlines(keepends=True):
        pending += line
        if sqlite3.complete_statement(pending):
            connection.execute(pending)
            pending = ""
    connection.execute(f"PRAGMA user_version = {FORMAT}")


def _older(path: Path) -> StoreError:
    return StoreError(
        f"{path} has an older format than this normlab's, or another program's: choose another --out, or delete it"
    )
