"""CIFAR's binary files: one record an image, its labels and then its red, green and blue plane, a byte a value.

    CIFAR-10     label, 3,072 pixels
    CIFAR-100    coarse label, fine label, 3,072 pixels; the fine one counts here

Source: A. Krizhevsky, "The CIFAR-10 dataset", section "Binary version".
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from normlab.data.entry import RawFile

PLANES = (3, 32, 32)
PIXELS = 3 * 32 * 32
Records = NDArray[np.uint8]
"""(N, labels + 3,072)."""


def images(records: Records) -> NDArray[np.uint8]:
    """Images (N, 3, 32, 32) of records."""
    return records[:, -PIXELS:].reshape(-1, *PLANES)


def labels(records: Records) -> NDArray[np.int64]:
    """Labels (N,) of records: the last one of each, which is the fine one."""
    return records[:, -PIXELS - 1].astype(np.int64)


def read(files: Sequence[RawFile], contents: Sequence[bytes]) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Images uint8 (N, 3, 32, 32) and labels int64 (N,) of files one after the other; each has its pinned length."""
    parts = [
        np.frombuffer(content, np.uint8).reshape(file.shape) for file, content in zip(files, contents, strict=True)
    ]
    return np.concatenate([*map(images, parts)]), np.concatenate([*map(labels, parts)])
