"""Questions to the database: answered from one state of it, and nothing is touched."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import TypeVar

from normlab import files
from normlab.errors import StoreError
from normlab.files import Footprint
from normlab.store.database import FILE, connected, empty, lay_down, refuse_strangers
from normlab.store.trouble import plain_errors

T = TypeVar("T")


def ask(project: Path, question: Callable[[sqlite3.Connection], T]) -> T:
    """What a question finds; no file at all is an empty one.

    Where nobody writes, SQLite is told that the file stands still, so that it makes no files of its own beside it; if
    somebody came meanwhile, the question is asked again.

    Raises `StoreError` for files that cannot be read, and what the question raises.
    """
    with plain_errors(project):
        while True:
            footprint = _footprint(project / FILE)
            try:
                with closing(_reader(project, still=footprint is not None)) as connection:
                    connection.execute("BEGIN")
                    answer = question(connection)
            except (sqlite3.Error, StoreError):
                if footprint is None or _footprint(project / FILE) == footprint:
                    raise
            else:
                if footprint is None or _footprint(project / FILE) == footprint:
                    return answer


def _footprint(path: Path) -> Footprint | None:
    """What changes with the file, None where part of its content is in the log of one who writes, or was killed."""
    log = path.with_name(f"{FILE}-wal")
    if log.exists() and log.stat().st_size:
        return None
    return files.footprint(path) if path.exists() else (0, 0, 0, 0)


def _reader(project: Path, *, still: bool) -> sqlite3.Connection:
    refuse_strangers(project)
    if not (project / FILE).exists():
        return _nothing()
    connection = connected(f"{(project / FILE).absolute().as_uri()}?mode=ro{'&immutable=1' if still else ''}")
    try:
        if not empty(connection, project):
            return connection
    except BaseException:
        connection.close()
        raise
    connection.close()
    return _nothing()


def _nothing() -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    lay_down(connection)
    return connection
