"""The files of a folder that a tool has filled: plain files alone, of which there may be too many or too large ones."""

from __future__ import annotations

import os
import stat
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path

from normlab.errors import SpecError

MOST_FILES = 50_000
MOST_BYTES = 256 * 2**20
"""Of a file that is read as a whole."""
DEEPEST = 12


@dataclass(frozen=True)
class Folder:
    """A folder and its plain files in their order; links are not followed, so that nothing outside is read."""

    path: Path
    files: tuple[Path, ...]

    def called(self, *patterns: str) -> list[Path]:
        """The files whose names, or last names, match one of some patterns."""
        return [path for path in self.files if any(path.match(pattern) for pattern in patterns)]

    def under(self, folder: Path) -> Folder:
        """The part of it that a folder in it is; its files stand together, as they are in order."""
        rest = self.files[bisect_left(self.files, folder) :]
        return Folder(folder, tuple(takewhile(lambda path: folder in path.parents, rest)))


def listed(path: Path) -> Folder:
    """The folder; raises `SpecError` where it cannot be listed or has more than `MOST_FILES` files."""
    found = []
    for each in _walked(path):
        found.append(each)
        if len(found) > MOST_FILES:
            raise SpecError(f"{path}: more than {MOST_FILES:,} files: name the folder of the runs to judge in it")
    return Folder(path, tuple(sorted(found)))


def _walked(path: Path) -> Iterator[Path]:
    def fail(error: OSError) -> None:
        raise SpecError(f"cannot read {error.filename}: {(error.strerror or str(error)).lower()}") from None

    for home, folders, names in os.walk(path, onerror=fail):
        if len(Path(home).relative_to(path).parts) >= DEEPEST:
            folders.clear()
        for name in names:
            if stat.S_ISREG((Path(home) / name).lstat().st_mode):
                yield Path(home) / name


def content(path: Path) -> str:
    """The text of a plain file; raises `SpecError` for one that cannot be read."""
    try:
        return binary(path).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise SpecError(f"{path}: expected text in UTF-8, got another byte at {error.start:,}") from None


def binary(path: Path) -> bytes:
    """The bytes of a plain file; raises `SpecError` for one that cannot be read or is larger than `MOST_BYTES`."""
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode) or status.st_size > MOST_BYTES:
            raise SpecError(f"{path}: expected a plain file of at most {MOST_BYTES // 2**20} MiB")
        return path.read_bytes()
    except OSError as error:
        raise SpecError(f"cannot read {path}: {(error.strerror or str(error)).lower()}") from None
