"""What there is to know of a data set before anything is trained on it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from normlab.data import places
from normlab.data.datasets import Dataset, assemble, of_place
from normlab.data.twins import marks, twins
from normlab.data.whereabouts import entry_of, located
from normlab.events import Tell, silent


@dataclass(frozen=True)
class Class:
    """A class, and how many images of it there are."""

    name: str
    train: int
    test: int


@dataclass(frozen=True)
class Summary:
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


def summary(name: str, tell: Tell = silent) -> tuple[Summary, Dataset]:
    """A data set by its name or its place, in numbers, and itself; raises what `load` raises."""
    images = located(name)
    if images.called:
        data = assemble(entry_of(images), tell)
        return _summary(data, entry_of(images).description), data
    place = places.place(images, tell)
    data = of_place(place, images.title)
    return _summary(data, place.manifest.layout), data


def _summary(data: Dataset, layout: str) -> Summary:
    names = data.classes
    train, test = (np.bincount(each, minlength=len(names)) for each in (data.train_labels, data.test_labels))
    _, channels, height, width = data.train_images.shape
    found = data.known_twins or twins(marks(data.train_images), marks(data.test_images))
    return Summary(
        name=data.name,
        layout=layout,
        train=len(data.train_labels),
        test=len(data.test_labels),
        shape=(channels, height, width),
        classes=tuple(Class(name, int(a), int(b)) for name, a, b in zip(names, train, test, strict=True)),
        mean=data.mean,
        std=data.std,
        digest=data.digest,
        twice=found.twice,
        in_both=found.in_both,
        notes=data.notes,
    )
