"""Files that are either whole or not there: written beside their place, flushed to disk, then renamed into it."""

from __future__ import annotations

import os
import tempfile
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


def _sync_folder(folder: Path) -> None:
    """Flush the rename itself; Windows cannot open folders and needs no such call."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
