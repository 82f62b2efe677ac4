"""Files of a report: written whole or not at all, and a plain word when they cannot be."""

from __future__ import annotations

from pathlib import Path

from normlab import files
from normlab.errors import StoreError


def write(path: Path, payload: bytes) -> Path:
    """Put `payload` at `path`, replacing what was there; raises `StoreError` when the system refuses."""
    if path.is_dir():
        raise StoreError(f"cannot write {path}: it is a folder; give the name of a file")
    try:
        return files.write(path, payload)
    except OSError as error:
        raise StoreError(
            f"cannot write {path}: {error.strerror or error}; free space or choose another folder"
        ) from None
