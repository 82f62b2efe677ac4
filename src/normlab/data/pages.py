"""Arrays in files that are mapped into memory, of which single images are read: the system is told which, and no more.

Left alone it reads as much ahead of every page as is good for files that are read through, megabytes at a time. Where
images are more than memory holds, that pushes out what the next batch needs.
"""

from __future__ import annotations

import mmap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

ADVICE = hasattr(mmap, "MADV_RANDOM") and hasattr(mmap, "MADV_WILLNEED")  # Windows has none
LARGE = 100_000_000
"""Bytes from which a file is worth advice: a smaller one stays in memory once it was read."""


def mapped(path: Path, dtype: np.dtype[Any] | type, shape: tuple[int, ...]) -> NDArray[Any]:
    """The array in a file, read-only; raises `OSError` and `ValueError` as numpy does."""
    array = np.memmap(path, dtype, "r", shape=shape)
    file = _file(array)
    if file is not None:
        file.madvise(mmap.MADV_RANDOM)
    return array


def expect(array: NDArray[Any], which: NDArray[np.int64] | slice) -> None:
    """Have the system read rows of an array, all at once, if it lies in a large file; returns before they are there."""
    file = _file(array)
    if file is None:
        return
    start = array.ctypes.data - np.frombuffer(file, np.uint8).ctypes.data
    for first, end in _runs(array, which):
        begin = (start + first * array.strides[0]) // mmap.PAGESIZE * mmap.PAGESIZE
        _advise(file, begin, start + end * array.strides[0] - begin)


def _file(array: NDArray[Any]) -> mmap.mmap | None:
    """The mapping of the large file that an array is of; None of any other array."""
    base: Any = array
    while isinstance(base, np.ndarray):
        base = base.base
    return base if ADVICE and isinstance(base, mmap.mmap) and len(base) >= LARGE else None


def _runs(array: NDArray[Any], which: NDArray[np.int64] | slice) -> Iterator[tuple[int, int]]:
    """Rows from one to before another."""
    if isinstance(which, slice):
        first, end, _ = which.indices(len(array))
        yield from [(first, end)] if end > first else []
    else:
        yield from ((number, number + 1) for number in which.tolist())


def _advise(file: mmap.mmap, start: int, length: int) -> None:
    file.madvise(mmap.MADV_WILLNEED, start, length)
