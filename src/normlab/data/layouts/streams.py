"""Arrays of images read some at a time from a stream whose header has said how many there are.

Nothing that a header says decides how much memory is taken: a chunk is read, and what is missing is an error.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from math import prod
from pathlib import Path
from typing import IO, Protocol

import numpy as np
from numpy.typing import NDArray

from normlab.data.layouts.found import AT_ONCE, Pixels
from normlab.errors import CorruptData

CHANNELS = (1, 3)
PIECE = 1 << 20
"""Bytes that are asked for at a time: where a header promises more than there is, no more is taken."""
HELD = 1 << 26
"""Bytes of images that are held at a time, if one takes less."""
LARGEST = 1 << 28
"""Bytes of an image."""
BROKEN = (OSError, EOFError, ValueError)
"""What reading a damaged file raises; zlib's and zipfile's own errors are turned into these."""


class Opener(Protocol):
    """Opens a stream at its first value."""

    def __call__(self) -> AbstractContextManager[IO[bytes]]: ...  # noqa: D102


def images(opener: Opener, shape: Sequence[int], where: str) -> Iterator[Pixels]:
    """Unsigned bytes of a shape (N, …), as planes (n, C, H, W) for n of at most `AT_ONCE`; raises `CorruptData`."""
    one = prod(shape[1:])
    at_once = max(1, min(AT_ONCE, HELD // max(1, one)))
    with opener() as stream:
        for start in range(0, shape[0], at_once):
            count = min(at_once, shape[0] - start)
            raw = read(stream, count * one, where)
            yield planes(np.frombuffer(raw, np.uint8).reshape(count, *shape[1:]))


def read(stream: IO[bytes], size: int, where: str) -> bytes:
    """Exactly so many bytes; raises `CorruptData`."""
    parts, left = [], size
    while left:
        part = stream.read(min(left, PIECE))
        if not part:
            raise CorruptData(f"{where}: it ends {left:,} bytes before its header says; fetch it again")
        parts.append(part)
        left -= len(part)
    return b"".join(parts)


def planes(array: Pixels) -> Pixels:
    """(N, H, W), (N, H, W, C) or (N, C, H, W) as (N, C, H, W)."""
    if array.ndim == 3:
        return array[:, np.newaxis]
    return array.transpose(0, 3, 1, 2) if array.shape[3] in CHANNELS else array


def plane_shape(shape: Sequence[int], where: str) -> tuple[int, int, int, int]:
    """The shape that `planes` gives; raises `CorruptData` where there are no images of 1 or 3 channels in it."""
    if prod(shape[1:]) > LARGEST:
        raise CorruptData(f"{where}: expected images of at most {LARGEST:,} bytes, got {tuple(shape)}")
    if len(shape) == 3:
        count, height, width = shape
        return count, 1, height, width
    if len(shape) == 4 and shape[3] in CHANNELS:
        count, height, width, channels = shape
        return count, channels, height, width
    if len(shape) == 4 and shape[1] in CHANNELS:
        return shape[0], shape[1], shape[2], shape[3]
    raise CorruptData(f"{where}: expected images (N, H, W) or (N, H, W, C) with 1 or 3 channels, got {tuple(shape)}")


def classes(labels: NDArray[np.generic], where: str) -> NDArray[np.generic]:
    """Labels (N,) from (N,) or (N, 1); raises `CorruptData` for other shapes, such as several labels an image."""
    if labels.ndim == 2 and labels.shape[1] == 1:
        labels = labels[:, 0]
    if labels.ndim != 1 or labels.dtype.kind not in "iu":
        raise CorruptData(
            f"{where}: expected one whole number an image, got {labels.dtype} {labels.shape}; "
            "several labels an image are no classes"
        )
    return labels


def lines(path: Path) -> tuple[str, ...]:
    """The lines of a small text file that have something on them; none where there is no such file."""
    if not path.is_file():
        return ()
    with path.open(encoding="utf-8", errors="replace") as stream:
        text = stream.read(1 << 20)
    return tuple(line.strip() for line in text.splitlines() if line.strip())
