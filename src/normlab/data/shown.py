"""What there is to know of a data set before anything is trained on it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from normlab.data import catalog, decoded
from normlab.data.datasets import Dataset, assemble, of_place
from normlab.data.whereabouts import located
from normlab.events import Tell, silent

AT_ONCE = 1000
"""Images that are in memory at a time."""


@dataclass(frozen=True)
class Class:
    """A class, and how many images of it there are."""

    name: str
    train: int
    test: int


@dataclass(frozen=True)
class Shown:
    """A data set in numbers.

    `shape` is an image's, (channels, height, width). `in_both` is how many test images are also training images, by
    their pixels, and `twice` how many training images are there a second time. `notes` are what people should know of
    how the images were read.
    """

    name: str
    layout: str
    train: int
    test: int
    shape: tuple[int, int, int]
    classes: tuple[Class, ...]
    mean: tuple[float, ...]
    std: tuple[float, ...]
    digest: str
    twice: int
    in_both: int
    notes: tuple[str, ...]


def show(name: str, tell: Tell = silent) -> tuple[Shown, Dataset]:
    """A data set by its name or its place, in numbers, and itself; raises what `load` raises."""
    images = located(name)
    if images.called:
        data = assemble(catalog.entry(images.place), tell)
        return _shown(data, catalog.entry(images.place).description), data
    data = of_place(images, tell)
    return _shown(data, decoded.place(images).manifest.layout), data


def _shown(data: Dataset, layout: str) -> Shown:
    names = data.classes
    train, test = (np.bincount(each, minlength=len(names)) for each in (data.train_labels, data.test_labels))
    seen = list(_digests(data.train_images))
    known = set(seen)
    _, channels, height, width = data.train_images.shape
    return Shown(
        name=data.name,
        layout=layout,
        train=len(data.train_labels),
        test=len(data.test_labels),
        shape=(channels, height, width),
        classes=tuple(Class(name, int(a), int(b)) for name, a, b in zip(names, train, test, strict=True)),
        mean=data.mean,
        std=data.std,
        digest=data.digest,
        twice=len(seen) - len(known),
        in_both=sum(digest in known for digest in _digests(data.test_images)),
        notes=data.notes,
    )


def _digests(images: NDArray[np.uint8]) -> Iterator[bytes]:
    """What tells the pixels of each image apart from others'."""
    for start in range(0, len(images), AT_ONCE):
        for image in np.ascontiguousarray(images[start : start + AT_ONCE]):
            yield blake2b(image.data, digest_size=16).digest()
