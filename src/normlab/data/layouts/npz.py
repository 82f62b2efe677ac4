"""Arrays in numpy's `.npz` as a stream: the header of one is read by itself, its values a chunk at a time.

An `.npz` is a zip of `.npy` files. Objects (pickles) are refused by their header; an array whose member of the zip has
another size than its header says is refused as well, so that nothing is unzipped that was not announced.
"""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from lzma import LZMAError
from pathlib import Path
from tokenize import TokenError
from typing import IO

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from normlab.data.layouts import streams
from normlab.data.layouts.found import Stored
from normlab.errors import CorruptData

BROKEN = (
    *(zipfile.BadZipFile, zlib.error, LZMAError, struct.error, OSError, EOFError, NotImplementedError, RuntimeError),
    *(ValueError, LookupError, OverflowError),
)
"""What Python's zipfile raises of files that were changed at random."""
NO_HEADER = (
    *(ValueError, LookupError, TypeError, SyntaxError),
    *(TokenError, RecursionError, MemoryError, OverflowError),
)
"""What numpy raises of an array's header that was changed at random: it is read as an expression of Python."""
MOST_LABELS = 1 << 28
"""Bytes of labels: thirty million of them."""


@dataclass(frozen=True)
class Array:
    """One array in a file: what its header says."""

    path: Path
    member: str
    shape: tuple[int, ...]
    dtype: np.dtype[np.generic]

    @property
    def where(self) -> str:
        """How errors call it."""
        return f"{self.path}, {self.member}"

    def whole(self) -> NDArray[np.generic]:
        """All its values; raises `CorruptData` where they are too many to be labels."""
        size = int(np.prod(self.shape, dtype=object)) * self.dtype.itemsize
        if size > MOST_LABELS:
            raise CorruptData(f"{self.where}: expected labels, got {size:,} bytes")
        with self.values() as stream:
            return np.frombuffer(streams.read(stream, size, self.where), self.dtype).reshape(self.shape)

    @contextmanager
    def values(self) -> Iterator[IO[bytes]]:
        """A stream at the first value."""
        with _member(self.path, self.member) as stream:
            _header(stream, self.where)
            yield stream


def names(path: Path) -> set[str]:
    """The names of the arrays in a file, none where it is no zip."""
    try:
        with zipfile.ZipFile(path) as opened:
            return {name.removesuffix(".npy") for name in opened.namelist() if name.endswith(".npy")}
    except BROKEN:
        return set()


def part(images: Array, labels: Array) -> Stored:
    """A split from an array of images and one of labels; raises `CorruptData` where they are none."""
    if images.dtype != np.uint8:
        raise CorruptData(f"{images.where}: expected pixels from 0 to 255 (uint8), got {images.dtype}")
    shape = streams.plane_shape(images.shape, images.where)
    if labels.shape[:1] != images.shape[:1]:
        raise CorruptData(f"{labels.where}: expected {shape[0]:,} labels, one an image, got {labels.shape}")
    return Stored(shape, partial(_labels, labels), partial(streams.images, images.values, images.shape, images.where))


def array(path: Path, name: str) -> Array:
    """An array by its name; raises `CorruptData` where it is none, or one of objects."""
    member, where = f"{name}.npy", f"{path}, {name}"
    with _member(path, member) as stream:
        shape, fortran, dtype = _header(stream, where)
        start = stream.tell()
    if dtype.hasobject:
        raise CorruptData(f"{where}: it holds Python objects, which are pickles and never read; save plain numbers")
    if fortran and len(shape) > 1:
        raise CorruptData(f"{where}: expected rows one after the other (C order), got columns (Fortran order)")
    size = start + int(np.prod(shape, dtype=object)) * dtype.itemsize
    with zipfile.ZipFile(path) as whole:
        actual = whole.getinfo(member).file_size
    if actual != size:
        raise CorruptData(f"{where}: expected {size:,} bytes of the shape {shape}, got {actual:,}")
    return Array(path, member, shape, dtype)


def _labels(labels: Array) -> NDArray[np.generic]:
    return streams.classes(labels.whole(), labels.where)


@contextmanager
def _member(path: Path, member: str) -> Iterator[IO[bytes]]:
    try:
        with zipfile.ZipFile(path) as opened, opened.open(member) as stream:
            yield stream
    except BROKEN as error:
        raise CorruptData(f"{path}: expected a whole zip file of arrays: {error}") from None


READERS: dict[tuple[int, int], Callable[..., tuple[tuple[int, ...], bool, np.dtype[np.generic]]]] = {
    (1, 0): npy.read_array_header_1_0,
    (2, 0): npy.read_array_header_2_0,
}


def _header(stream: IO[bytes], where: str) -> tuple[tuple[int, ...], bool, np.dtype[np.generic]]:
    try:
        return READERS[npy.read_magic(stream)](stream)
    except NO_HEADER as error:
        raise CorruptData(f"{where}: expected an array of numpy's format: {error}") from None
