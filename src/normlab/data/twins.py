"""Images that are there more than once, by their pixels; 16 bytes of each are held, whatever its size."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from normlab.data.chosen import expect

Pixels = NDArray[np.uint8]
AT_ONCE = 1000
"""Images that are in memory at a time."""


@dataclass(frozen=True)
class Twins:
    """How many training images are there a second time, and how many test images are also training images."""

    twice: int
    in_both: int


def twins(train: Iterable[bytes], test: Iterable[bytes]) -> Twins:
    """Among training and test images with these `marks`."""
    all_train = [*train]
    known = {*all_train}
    return Twins(len(all_train) - len(known), sum(mark in known for mark in test))


def in_both(some: Pixels, others: Pixels) -> int:
    """How many of some images, (N, C, H, W), are among others."""
    return twins(marks(others), marks(some)).in_both


def marks(images: Pixels) -> Iterator[bytes]:
    """What tells the pixels of each of images (N, C, H, W) apart from others'."""
    for start in range(0, len(images), AT_ONCE):
        expect(images, slice(start, start + AT_ONCE))
        for image in np.ascontiguousarray(images[start : start + AT_ONCE]):
            yield blake2b(image.data, digest_size=16).digest()
