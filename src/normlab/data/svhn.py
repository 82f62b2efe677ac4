"""SVHN's cropped digits: a MATLAB file of images X, uint8 (32, 32, 3, N), and labels y, (N, 1), where 10 is digit 0.

Source: Y. Netzer et al., "The street view house numbers (SVHN) dataset", format 2.
"""

from __future__ import annotations

import io
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from normlab.data.entry import RawFile


def read(files: Sequence[RawFile], contents: Sequence[bytes]) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Images uint8 (N, 3, 32, 32) and labels int64 (N,), from 0 to 9, of one file, whose checksum was verified."""
    from scipy.io import loadmat

    (file,), (content,) = files, contents
    found = loadmat(io.BytesIO(content), variable_names=["X", "y"])  # type: ignore[arg-type]  # any file will do
    images = np.ascontiguousarray(found["X"].transpose(3, 2, 0, 1)).reshape(file.shape)
    return images, found["y"].reshape(-1).astype(np.int64) % 10
