"""KMNIST's `.npz` files, one an array: `kmnist-train-imgs.npz`, `kmnist-train-labels.npz` and the same for `test`.

Source: T. Clanuwat et al., Deep learning for classical Japanese literature, arXiv 1812.01718.
"""

from __future__ import annotations

import re
from pathlib import Path

from normlab.data.layouts import npz
from normlab.data.layouts.found import Found, Split, Stored
from normlab.errors import DataError

NAME = re.compile(r"(?P<prefix>.+)-(?P<split>train|test)-imgs\.npz")
SPLITS: tuple[Split, ...] = ("train", "test")


def recognise(path: Path) -> Found | None:
    """Such files in a folder, or those with the prefix of this one.

    Raises `DataError` where a folder has several sets, `CorruptData` where a file is no array.
    """
    folder = path if path.is_dir() else path.parent
    names = [NAME.fullmatch(each.name) for each in (folder.glob("*-imgs.npz") if path.is_dir() else [path])]
    prefixes = sorted({name["prefix"] for name in names if name})
    if not prefixes:
        return None
    if len(prefixes) > 1:
        raise DataError(f"{path}: it has several sets of images ({', '.join(prefixes)}): name one by a file of it")
    pairs = {split: _pair(folder, prefixes[0], split) for split in SPLITS}
    whole = {split: pair for split, pair in pairs.items() if all(each.is_file() for each in pair)}
    files = [path for pair in whole.values() for path in pair]
    return Found("KMNIST npz", {split: _part(*pair) for split, pair in whole.items()}, files)


def _pair(folder: Path, prefix: str, split: str) -> tuple[Path, Path]:
    return folder / f"{prefix}-{split}-imgs.npz", folder / f"{prefix}-{split}-labels.npz"


def _part(images: Path, labels: Path) -> Stored:
    return npz.part(npz.array(images, "arr_0"), npz.array(labels, "arr_0"))
