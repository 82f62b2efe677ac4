"""SVHN's cropped digits, `train_32x32.mat` and `test_32x32.mat`, which `normlab.data.svhn` describes.

`extra_32x32.mat` is not read: nobody has to hold half a million images that no study asked for.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from normlab.data import svhn
from normlab.data.layouts.found import AT_ONCE, SPLITS, Found, Pixels, Stored
from normlab.errors import CorruptData

NAME = re.compile(r"(?P<split>train|test)_32x32\.mat")
EXTRA = "extra_32x32.mat"


def recognise(path: Path) -> Found | None:
    """A folder with such files; raises `CorruptData` where one has no images and labels."""
    paths = sorted(path.glob("*_32x32.mat")) if path.is_dir() else []
    files = {SPLITS[name["split"]]: each for each in paths if (name := NAME.fullmatch(each.name)) and each.is_file()}
    if "train" not in files:
        return None
    notes = (f"{EXTRA} is not read",) if (path / EXTRA).is_file() else ()
    parts = {split: _part(each) for split, each in files.items()}
    return Found("SVHN mat", parts, [*files.values()], tuple("0123456789"), notes)


def _part(path: Path) -> Stored:
    height, width, channels, count = _shape(path)
    return Stored((count, channels, height, width), partial(_labels, path), partial(_images, path))


def _shape(path: Path) -> tuple[int, int, int, int]:
    """Of X, from the file's directory: (H, W, C, N)."""
    from scipy.io import whosmat

    try:
        shapes = {name: (shape, kind) for name, shape, kind in whosmat(path)}
    except svhn.BROKEN as error:
        raise CorruptData(f"{path}: expected a Matlab file: {error}") from None
    shape, kind = shapes.get("X", ((), ""))
    if len(shape) != 4 or kind != "uint8" or shapes.get("y", ((), ""))[0] != (shape[3], 1):
        raise CorruptData(f"{path}: expected X, uint8 (H, W, C, N), and y, (N, 1), got {shapes}")
    return shape[0], shape[1], shape[2], shape[3]


def _labels(path: Path) -> NDArray[np.int64]:
    return svhn.labels(path, str(path))


def _images(path: Path) -> Iterator[Pixels]:
    images = svhn.images(path, str(path))  # Matlab's format is read whole
    for start in range(0, len(images), AT_ONCE):
        yield images[start : start + AT_ONCE]
