"""Some of many images: copied where they are few, and else read where they lie when they are asked for."""

from __future__ import annotations

from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from normlab.data import pages

Pixels = NDArray[np.uint8]

COPIED = 500_000_000
"""Bytes that are copied at most; a process that copied more might hold what memory has no room for."""


def chosen(images: Pixels, which: NDArray[np.int64]) -> Pixels:
    """Images (N, C, H, W) by their numbers, read-only."""
    if len(which) * images[:1].nbytes > COPIED:
        return cast(Pixels, Chosen(images, which))  # it does for an array all that is done with stored images
    some = images[which]
    some.setflags(write=False)
    return some


def expect(images: Pixels | Chosen, which: NDArray[np.int64] | slice) -> None:
    """Have the system read images that are asked for next, if they lie in a large file; see `pages.expect`."""
    if isinstance(images, np.ndarray):
        pages.expect(images, which)
    else:
        pages.expect(images.images, images.which[which])


class Chosen:
    """Images that are looked up by their numbers among others, as an array has them."""

    dtype, ndim = np.dtype(np.uint8), 4

    def __init__(self, images: Pixels, which: NDArray[np.int64]) -> None:
        self.images, self.which = images, which
        self.shape = (len(which), *images.shape[1:])

    def __len__(self) -> int:
        return len(self.which)

    def __getitem__(self, key: Any) -> Any:
        return self.images[self.which[key]]

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Pixels:
        return self.images[self.which]
