"""What is under way, files and folders: held by a lock while their process lives, so that a killed one's are known.

A name says that something is under way, `.<name>.<8 hexadecimal digits>.part`, and the lock that somebody works on it.
Whoever comes next to the same folder removes what nobody holds. Process numbers would not do: they are used again, and
others of their kind run on other machines.
"""

from __future__ import annotations

import os
import re
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path
from secrets import token_hex
from typing import IO

LOCKS = find_spec("fcntl") is not None
"""Windows has none of this kind."""
if LOCKS:
    import fcntl

UNDER_WAY = re.compile(r"\..+\.[0-9a-f]{8}\.part", re.DOTALL)
DAY = 24 * 3600
"""Seconds after which something is nobody's where there are no locks."""
NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
LOOK = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOFOLLOW", 0)


@contextmanager
def file(path: Path) -> Iterator[tuple[IO[bytes], Path]]:
    """A new file beside `path` to be filled, and where it is; whatever is still there in the end is removed.

    Who may read it is for the umask to say. Raises `OSError` as the system gives it.
    """
    while True:
        made = _named(path.parent, path.name)
        with os.fdopen(os.open(made, NEW, 0o666), "wb") as opened:
            try:
                if not _held(opened.fileno(), made):
                    continue
                yield opened, made
                return
            finally:
                made.unlink(missing_ok=True)


@contextmanager
def folder(home: Path, stem: str) -> Iterator[Path]:
    """A new folder in `home` to be filled, for us alone; whatever is still there in the end is removed.

    What processes that are gone have left of others of this stem goes before. Raises `OSError` as the system gives it.
    """
    sweep(home, stem)
    made = _named(home, stem)
    made.mkdir(mode=0o700)
    handle = os.open(made, os.O_RDONLY) if LOCKS else None
    try:
        if handle is not None and not _held(handle, made):
            made.mkdir(mode=0o700)  # a sweeper was faster, and looks no more
        yield made
    finally:
        if handle is not None:
            os.close(handle)
        shutil.rmtree(made, ignore_errors=True)


def sweep(home: Path, stem: str = "") -> None:
    """Remove what processes that are gone have left under way in a folder: what is ours, and nobody holds."""
    with suppress(OSError):
        for entry in os.scandir(home):
            if UNDER_WAY.fullmatch(entry.name) and entry.name.startswith(f".{stem}"):
                with suppress(OSError):
                    _clear(Path(entry.path))


def _named(home: Path, name: str) -> Path:
    return home / f".{name[:200]}.{token_hex(4)}.part"


def _held(handle: int, path: Path) -> bool:
    """Take the lock; False where a sweeper was faster, and has removed the path."""
    if LOCKS:
        with suppress(OSError):  # a file system without locks: nobody sweeps there either
            fcntl.flock(handle, fcntl.LOCK_EX)
    return path.exists()


def _clear(path: Path) -> None:
    status = path.lstat()
    if hasattr(os, "geteuid") and status.st_uid != os.geteuid():
        return
    if not LOCKS:
        if time.time() - status.st_mtime > DAY:
            _remove(path)
        return
    handle = os.open(path, LOOK)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)  # whoever works on it has it
        _remove(path)
    finally:
        os.close(handle)


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink()
