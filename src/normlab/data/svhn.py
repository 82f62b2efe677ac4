"""SVHN's cropped digits: a MATLAB file of images X, uint8 (32, 32, 3, N), and labels y, (N, 1), where 10 is digit 0.

Source: Y. Netzer et al., "The street view house numbers (SVHN) dataset", format 2.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from normlab.data.entry import RawFile
from normlab.errors import CorruptData

BROKEN = (ValueError, NotImplementedError, TypeError, LookupError, OSError)
"""What scipy raises of a file that is no whole one of MATLAB's."""


def images(file: Path | io.BytesIO, where: str) -> NDArray[np.uint8]:
    """Images (N, 3, 32, 32), a view: MATLAB has them last. Raises `CorruptData`; `where` names the file in it."""
    return np.asarray(_read(file, "X", where)).transpose(3, 2, 0, 1)


def labels(file: Path | io.BytesIO, where: str) -> NDArray[np.int64]:
    """Labels (N,) from 0 to 9; raises as `images` does."""
    return _read(file, "y", where).reshape(-1).astype(np.int64) % 10


def read(files: Sequence[RawFile], contents: Sequence[bytes]) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Images uint8 (N, 3, 32, 32) and labels int64 (N,), from 0 to 9, of one file, whose checksum was verified."""
    (file,), (content,) = files, contents
    pixels = np.ascontiguousarray(images(io.BytesIO(content), file.name)).reshape(file.shape)
    return pixels, labels(io.BytesIO(content), file.name)


def _read(file: Path | io.BytesIO, name: str, where: str) -> NDArray[np.uint8]:
    from scipy.io import loadmat

    try:
        return np.asarray(loadmat(file, variable_names=[name])[name])  # type: ignore[arg-type]  # any file will do
    except BROKEN as error:
        raise CorruptData(f"{where}: expected a whole Matlab file: {error}") from None
