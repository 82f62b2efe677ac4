"""Files that are either whole or not there: written beside their place, flushed to disk, then renamed into it."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path


def write(path: Path, payload: bytes, *, durable: bool = True) -> Path:
    """Write `payload` to `path`, replacing what was there; an interruption leaves the old file, never half a new one.

    Without `durable` nothing waits for the disk: for what can be made again and is checked when it is read.

    Raises `OSError` as the system gives it (no permission, disk full, …) with the temporary file removed.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(payload)
            file.flush()
            if durable:
                os.fsync(file.fileno())
        temporary.chmod(0o644)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    if durable:
        _sync_folder(path.parent)
    return path


def made_once(folder: Path, stem: str, ending: str, make: Callable[[], bytes]) -> bytes:
    """What takes long to make, from the file `<stem>-<checksum><ending>` of a folder where it is there.

    `stem` says what it is made of. A file that is not as it was written has another checksum than its name says, and is
    never used; where the folder cannot be written, it is made again.
    """
    for path in folder.glob(f"{stem}-*{ending}"):
        with suppress(OSError):
            content = path.read_bytes()
            if path.name == f"{stem}-{_checksum(content)}{ending}":
                return content
    content = make()
    with suppress(OSError):
        write(folder / f"{stem}-{_checksum(content)}{ending}", content, durable=False)
    return content


def _checksum(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:16]


def _sync_folder(folder: Path) -> None:
    """Flush the rename itself; Windows cannot open folders and needs no such call."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
