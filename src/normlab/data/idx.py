"""The IDX format: a header that states the shape, then the values, and nothing else.

    00 00            two zero bytes
    08               the type of the values, here always unsigned bytes
    nn               the number of dimensions
    nn × uint32      each dimension, most significant byte first
    values           one byte each, the last dimension changing fastest

Source: Y. LeCun, C. Cortes, C. J. C. Burges, "The MNIST database of handwritten digits", section "File formats".
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

import numpy as np
from numpy.typing import NDArray

from normlab.data.checksum import unzip
from normlab.data.entry import RawFile
from normlab.errors import CorruptData

UNSIGNED_BYTES = b"\x00\x00\x08"


def read(files: Sequence[RawFile], contents: Sequence[bytes]) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Images uint8 (N, 1, H, W) and labels int64 (N,) of a file of either; raises `CorruptData`.

    IDX has no channels.
    """
    images, labels = (_values(file, content) for file, content in zip(files, contents, strict=True))
    return images[:, np.newaxis], labels.astype(np.int64)


def _values(file: RawFile, content: bytes) -> NDArray[np.uint8]:
    if file.name.endswith(".gz"):
        content = unzip(content, length(len(file.shape)) + prod(file.shape), file.name)
    return parse(content, file.shape, file.name)


def header(shape: Sequence[int]) -> bytes:
    """The bytes that announce unsigned bytes of this shape."""
    return UNSIGNED_BYTES + bytes([len(shape)]) + np.asarray(shape, dtype=">u4").tobytes()


def stated(raw: bytes, dimensions: int, where: str) -> tuple[int, ...]:
    """The shape that a header of so many dimensions states, from at least its bytes; raises `CorruptData`."""
    if raw[:3] != UNSIGNED_BYTES:
        raise CorruptData(f"{where}: expected an IDX file of unsigned bytes (00 00 08), got {raw[:3].hex(' ')!r}")
    if raw[3:4] != bytes([dimensions]):
        raise CorruptData(f"{where}: expected {dimensions} dimensions, got {int.from_bytes(raw[3:4])}")
    if len(raw) < length(dimensions):
        raise CorruptData(f"{where}: expected a header of {length(dimensions)} bytes, got {len(raw)}")
    return tuple(np.frombuffer(raw[4 : length(dimensions)], ">u4").tolist())


def length(dimensions: int) -> int:
    """The bytes of a header."""
    return 4 + 4 * dimensions


def parse(content: bytes, shape: Sequence[int], where: str = "IDX data") -> NDArray[np.uint8]:
    """The values of an IDX file that must have exactly this shape.

    Nothing in the file decides how much memory is taken: the result is a read-only view of `content`.

    Args:
        content: the whole file, unzipped.
        shape: what the caller knows to be in it, for instance (60000, 28, 28).
        where: how errors call the file.

    Raises:
        CorruptData: another type, shape or length than expected.
    """
    found, start = stated(content, len(shape), where), length(len(shape))
    if found != tuple(shape):
        raise CorruptData(f"{where}: expected the shape {tuple(shape)}, got {found}")
    if len(content) - start != prod(shape):
        raise CorruptData(f"{where}: expected {prod(shape)} values after the header, got {len(content) - start}")
    return np.frombuffer(content, dtype=np.uint8, offset=start).reshape(tuple(shape))
