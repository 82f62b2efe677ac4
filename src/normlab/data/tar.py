"""Some members of a .tar.gz, read in memory: nothing is unpacked, so no name in it becomes a path."""

from __future__ import annotations

import tarfile
import zlib
from collections.abc import Collection, Iterator
from typing import IO

from normlab.errors import CorruptData, DataUnavailable


def members(stream: IO[bytes], names: Collection[str], where: str) -> Iterator[tuple[str, bytes]]:
    """Each name with its bytes, in the archive's order, so that it is unzipped once; its checksum was verified.

    Raises:
        DataUnavailable: there is no file of such a name.
        CorruptData: it is not a whole .tar.gz; `where` names it in the error.
    """
    left = set(names)
    try:
        with tarfile.open(fileobj=stream, mode="r:gz") as opened:
            for about in opened:
                if about.name in left and (file := opened.extractfile(about)):
                    left.remove(about.name)
                    yield about.name, file.read()
    except (tarfile.TarError, zlib.error, EOFError, OSError) as error:
        raise CorruptData(f"{where}: expected a whole .tar.gz: {error}") from None
    if left:
        raise DataUnavailable(f"{where}: expected {min(left)} in it, found no such file")
