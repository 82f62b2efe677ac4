"""Images that are there more than once, by their pixels; 16 bytes of each are held, whatever its size."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
AT_ONCE = 1000
"""Images that are in memory at a time."""


def twice(images: Pixels) -> int:
    """How many of images (N, C, H, W) are there a second time."""
    return len(images) - len({*_digests(images)})


def in_both(some: Pixels, others: Pixels) -> int:
    """How many of some images, (N, C, H, W), are among others."""
    known = {*_digests(others)}
    return sum(digest in known for digest in _digests(some))


def _digests(images: Pixels) -> Iterator[bytes]:
    """What tells the pixels of each image apart from others'."""
    for start in range(0, len(images), AT_ONCE):
        for image in np.ascontiguousarray(images[start : start + AT_ONCE]):
            yield blake2b(image.data, digest_size=16).digest()
