"""The images of a split as pixels of one form, some at a time.

Large ones are decoded on all cores. Threads do, for Pillow lets go of Python's lock while it decodes; of small ones, of
which that is the least part, threads are slower than one.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import chain
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from normlab.data import pictures
from normlab.data.layouts import Encoded, Part, Picture, Pixels
from normlab.data.pictures import BadImage, Form
from normlab.errors import DataError
from normlab.spec.images import Images
from normlab.spec.problems import one_line

T = TypeVar("T")
THREADS = os.cpu_count() or 1
LARGE = 10_000
"""Pixels of an image from which on threads gain something."""
SLICE = 32
"""Images that a thread takes at a time."""
NAMED = 5
"""Images that an error names; the others are counted."""


@dataclass(frozen=True)
class Chunk:
    """Some images: `pixels` (n, C, H, W) of those that can be read, and which of the chunk's they are, bool (N,)."""

    pixels: Pixels
    good: NDArray[np.bool_]


class Troubles:
    """Images that cannot be read, and why, by their names."""

    def __init__(self) -> None:
        self.why: dict[str, str] = {}

    def told(self, of: int) -> str:
        """How many, and the first of them."""
        named = [one_line(f"{name} ({why})") for name, why in list(self.why.items())[:NAMED]]
        more = f" and {len(self.why) - NAMED:,} more" if len(self.why) > NAMED else ""
        return f"{len(self.why):,} of {of:,} images cannot be read: {', '.join(named)}{more}"


def asked_form(asked: Images) -> Form | None:
    """The form that all images are to have, whatever they are; None where that is not said."""
    return Form(1, asked.resize, asked.resize) if asked.grey and asked.resize else None


def common_form(
    parts: Sequence[Part], asked: Images, troubles: Troubles, tell: Callable[[int], None] = lambda _: None
) -> Form:
    """The form of all images: their own size or the one that is asked for, colours where any has some.

    Args:
        parts: the splits; of images in files, every header is read.
        asked: how images are to be read.
        troubles: takes what cannot be read.
        tell: told how many images were looked at.

    Raises `DataError` where images differ in size and none is asked for.
    """
    seen: Counter[Form] = Counter()
    for part in parts:
        if isinstance(part, Encoded):
            for some in part.chunks():
                seen.update(each for each in _mapped(pictures.form, some, troubles, 1) if each is not None)
                tell(len(some))
        elif len(part):
            seen[Form(*part.shape[1:])] += len(part)
            tell(len(part))
    if not seen:
        raise DataError(
            f"{asked.place}: expected images, got none that can be read; {troubles.told(len(troubles.why))}"
        )
    height, width = (asked.resize, asked.resize) if asked.resize else _size(seen, asked)
    return Form(1 if asked.grey else max(each.channels for each in seen), height, width)


def decoded(part: Part, form: Form, troubles: Troubles) -> Iterator[Chunk]:
    """The images of a split in their order; those that cannot be read are left out and put to the troubles."""
    for some in part.chunks():
        if isinstance(some, np.ndarray):
            yield Chunk(_in_form(some, form), np.ones(len(some), bool))
        else:
            found = list(_mapped(partial(pictures.pixels, wanted=form), some, troubles, _threads(some)))
            good = [each for each in found if each is not None]
            shape = (len(good), form.channels, form.height, form.width)
            yield Chunk(np.stack(good) if good else np.empty(shape, np.uint8), np.array([e is not None for e in found]))


def _size(seen: Counter[Form], asked: Images) -> tuple[int, int]:
    sizes: Counter[tuple[int, int]] = Counter()
    for form, count in seen.items():
        sizes[form.height, form.width] += count
    if len(sizes) > 1:
        told = [f"{width}×{height} ({count:,})" for (height, width), count in sizes.most_common(NAMED)]
        more = f" and {len(sizes) - NAMED:,} more sizes" if len(sizes) > NAMED else ""
        raise DataError(
            f"{asked.place}: expected images of one size, got {', '.join(told)}{more}; --resize N makes all N×N"
        )
    return next(iter(sizes))


def _in_form(images: Pixels, form: Form) -> Pixels:
    if images.shape[1:] == (form.channels, form.height, form.width):
        return images
    with ThreadPoolExecutor(THREADS) as pool:
        return np.stack([*pool.map(partial(pictures.resized, wanted=form), images)])


def _threads(some: Sequence[Picture]) -> int:
    """How many decode images that are about as large as the first."""
    first, _ = _attempt(pictures.form, some[0])
    return THREADS if first and first.height * first.width >= LARGE else 1


def _mapped(
    read: Callable[[Picture], T], some: Sequence[Picture], troubles: Troubles, threads: int
) -> Iterator[T | None]:
    """What `read` makes of each picture, None where it cannot be read."""

    def slice_read(start: int) -> list[tuple[T | None, str]]:
        return [_attempt(read, picture) for picture in some[start : start + SLICE]]

    with pictures.guarded(), ThreadPoolExecutor(threads) as pool:
        tried = chain.from_iterable(pool.map(slice_read, range(0, len(some), SLICE)))
        for picture, (made, why) in zip(some, tried, strict=True):
            if made is None:
                troubles.why[picture.name] = why
            yield made


def _attempt(read: Callable[[Picture], T], picture: Picture) -> tuple[T | None, str]:
    try:
        return read(picture), ""
    except BadImage as error:
        return None, str(error)
