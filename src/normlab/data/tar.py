"""Some members of a .tar.gz, read in memory: nothing is unpacked, so no name in it becomes a path."""

from __future__ import annotations

import tarfile
import zlib
from collections.abc import Iterator, Sequence
from typing import IO

from normlab.errors import CorruptData, DataUnavailable


def members(stream: IO[bytes], names: Sequence[str], where: str) -> Iterator[tuple[str, bytes]]:
    """Each name with its bytes, of an archive whose checksum was verified.

    Raises:
        DataUnavailable: there is no file of such a name.
        CorruptData: it is not a whole .tar.gz; `where` names it in the error.
    """
    try:
        with tarfile.open(fileobj=stream, mode="r:gz") as opened:
            for name in names:
                yield name, _member(opened, name, where)
    except (tarfile.TarError, zlib.error, EOFError, OSError) as error:
        raise CorruptData(f"{where}: expected a whole .tar.gz: {error}") from None


def _member(opened: tarfile.TarFile, name: str, where: str) -> bytes:
    found = opened.extractfile(name) if name in opened.getnames() else None
    if found is None:
        raise DataUnavailable(f"{where}: expected {name} in it, found no such file")
    return found.read()
