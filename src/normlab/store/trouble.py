"""What the system and SQLite report, told to people in one line with the way out."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from normlab.errors import StoreError
from normlab.store.database import FILE

OF_THE_SYSTEM = (
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_NOMEM,
    sqlite3.SQLITE_PERM,
    sqlite3.SQLITE_READONLY,
)
"""What SQLite reports of the machine; all else that it reports is about the file's content."""


@contextmanager
def plain_errors(project: Path) -> Iterator[None]:
    """What comes from the system or SQLite about a project's folder, as a `StoreError`."""
    try:
        yield
    except (OSError, ValueError, OverflowError, sqlite3.Error) as error:
        told = " ".join(str(error).split())
        if _of_content(error):
            raise damaged(project, told) from error
        raise StoreError(
            f"cannot use the project {project}: {told}; once that is mended, or with another --out, "
            "the same command continues with the runs still owed"
        ) from error


def damaged(project: Path, why: str) -> StoreError:
    """The error of a database whose content is not what normlab wrote, where that is no single run's fault."""
    return StoreError(
        f"{project / FILE} is damaged ({why}): put a copy of it back, choose another --out, or delete the file "
        "to train its runs again"
    )


def code(error: sqlite3.Error) -> int:
    """SQLite's primary result code, 0 where Python raised the error."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF


def _of_content(error: Exception) -> bool:
    """Whether an error is about what is in the file, and not about the machine; so are letters that are none."""
    from_sqlite = isinstance(error, sqlite3.Error) and code(error) not in OF_THE_SYSTEM
    return from_sqlite or isinstance(error, UnicodeDecodeError)
