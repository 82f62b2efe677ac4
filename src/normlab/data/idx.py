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
        content = unzip(content, len(header(file.shape)) + prod(file.shape), file.name)
    return parse(content, file.shape, file.name)


def header(shape: Sequence[int]) -> bytes:
    """The bytes that announce unsigned bytes of this shape."""
    return UNSIGNED_BYTES + bytes([len(shape)]) + np.asarray(shape, dtype=">u4").tobytes()


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
    if content[:3] != UNSIGNED_BYTES:
        raise CorruptData(f"{where}: expected an IDX file of unsigned bytes (00 00 08), got {content[:3].hex(' ')!r}")
    start = len(header(shape))
    if content[3:4] != bytes([len(shape)]):
        raise CorruptData(f"{where}: expected {len(shape)} dimensions, got {int.from_bytes(content[3:4])}")
    if content[4:start] != header(shape)[4:]:
        raise CorruptData(f"{where}: expected the shape {tuple(shape)}, got {_dimensions(content[4:start])}")
    if len(content) - start != prod(shape):
        raise CorruptData(f"{where}: expected {prod(shape)} values after the header, got {len(content) - start}")
    return np.frombuffer(content, dtype=np.uint8, offset=start).reshape(tuple(shape))


def _dimensions(raw: bytes) -> tuple[int, ...]:
    whole = raw[: len(raw) // 4 * 4]
    return tuple(np.frombuffer(whole, dtype=">u4").tolist())
