"""Files of a report: written whole or not at all, and a plain word when they cannot be."""

from __future__ import annotations

import hashlib
from pathlib import Path

from normlab import files
from normlab.errors import StoreError

SEAL, SEALED = b"<!-- sha256 ", b" -->\n"


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


def sealed(page: bytes) -> bytes:
    """A page with a checksum over all of it behind its end, where no browser looks."""
    return page + SEAL + hashlib.sha256(page).hexdigest().encode() + SEALED


def is_whole(page: bytes) -> bool:
    """Whether a sealed page is as it was written."""
    content, seal, _ = page.rpartition(SEAL)
    return bool(seal) and sealed(content) == page
