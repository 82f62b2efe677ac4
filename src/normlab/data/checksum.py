"""Bytes are believed only when their SHA-256 is the pinned one, wherever they come from."""

from __future__ import annotations

import gzip
import hashlib
import io
import zlib

from normlab.data.entry import RawFile
from normlab.errors import CorruptData


def checked(content: bytes, file: RawFile, where: str, *, zipped: bool) -> bytes:
    """The raw bytes of `file`, from the at most `file.limit` bytes that were read of it.

    Raises:
        CorruptData: not a whole gzip file, too long, or another SHA-256; `where` names the bytes in the error.
    """
    raw = unzip(content, file.size, where) if zipped else content
    if len(raw) > file.size:
        raise CorruptData(f"{where}: expected {file.size} bytes, got more")
    expect(raw, file.sha256, where)
    return raw


def expect(content: bytes, sha256: str, where: str) -> None:
    """Raise `CorruptData` unless the bytes have this SHA-256."""
    actual = hashlib.sha256(content).hexdigest()
    if actual != sha256:
        raise CorruptData(f"{where}: expected SHA-256 {sha256}, got {actual}")


def unzip(content: bytes, size: int, where: str) -> bytes:
    """The first `size` + 1 bytes in a gzip file: one more than expected shows that it is too long, a bomb stays small.

    Raises:
        CorruptData: `content` is not a whole gzip file.
    """
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(content)) as stream:
            return stream.read(size + 1)
    except (EOFError, OSError, zlib.error) as error:
        raise CorruptData(f"{where}: expected a whole gzip file: {error}") from None
