"""What is known of decoded images: gathered while they are written, and read by whoever uses them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

from normlab.data import cache
from normlab.data.layouts import Encoded, Pixels
from normlab.data.moments import counts, moments
from normlab.data.pictures import Form
from normlab.data.shares import Sorted
from normlab.data.twins import Twins, marks, twins

Role = Literal["train", "test"]


class Manifest(BaseModel):
    """What was decoded.

    `shape` is an image's, (C, H, W), `train` and `test` are how many there are. `mean` and `std` are the training
    images', per channel, on the scale 0 to 1. `digest` is a SHA-256 over all pixels and labels. `twins` are how many
    images are there more than once: whoever starts a study need not read all of them for it. `pictures` is whether
    the images were files such as PNG, which were decoded; `notes` are what people should know of how the place was
    read.
    """

    model_config = ConfigDict(frozen=True)

    layout: str
    shape: tuple[int, int, int]
    classes: tuple[str, ...]
    train: int
    test: int
    mean: tuple[float, ...]
    std: tuple[float, ...]
    digest: str
    twins: Twins
    pictures: bool
    notes: tuple[str, ...]

    def count(self, role: Role) -> int:
        """How many images there are to train on, or to be judged by."""
        return self.train if role == "train" else self.test


class Stream:
    """A file that is written from the first value on, and a digest of all of them.

    Raises `DataError` where it cannot be made.
    """

    def __init__(self, path: Path) -> None:
        self.path, self.digest = path, hashlib.sha256()
        try:
            self.file = path.open("wb")
        except OSError as error:
            raise cache.unwritable(path, error) from None

    def write(self, values: NDArray[Any]) -> None:
        """More values; raises `DataError` where the disk takes no more."""
        content = np.ascontiguousarray(values).data
        try:
            self.file.write(content)
        except OSError as error:
            raise cache.unwritable(self.path, error) from None
        self.digest.update(content)

    def close(self) -> None:
        """No more values; raises `DataError` where the disk takes none of the last ones."""
        try:
            self.file.close()
        except OSError as error:
            raise cache.unwritable(self.path, error) from None


class Writer:
    """The images and labels of one role on their way to the disk, with what is to be known of them."""

    def __init__(self, folder: Path, role: Role, channels: int) -> None:
        self.images, self.labels = Stream(folder / f"{role}.images"), Stream(folder / f"{role}.labels")
        self.count, self.levels = 0, np.zeros((channels, 256), np.int64)
        self.classes, self.marks = set[int](), list[bytes]()

    def write(self, pixels: Pixels, labels: NDArray[np.int64]) -> None:
        """More images, (n, C, H, W), and their classes; raises `DataError` where the disk takes no more."""
        self.images.write(pixels)
        self.labels.write(labels.astype("<i8"))
        self.levels += counts(pixels)
        self.marks += marks(pixels)
        self.count += len(labels)
        self.classes.update(np.unique(labels).tolist())

    def close(self) -> None:
        """No more images."""
        self.images.close()
        self.labels.close()

    @property
    def digests(self) -> tuple[str, str]:
        """SHA-256 of all pixels, and of all labels."""
        return self.images.digest.hexdigest(), self.labels.digest.hexdigest()


def described(
    layout: str, sorted_: Sorted, form: Form, writers: Mapping[Role, Writer], skipped: tuple[str, ...]
) -> Manifest:
    """The manifest of images that were written; `skipped` is what people should know of those that were not."""
    train, test = writers["train"], writers["test"]
    mean, std = moments(train.levels)
    shape = (form.channels, form.height, form.width)
    parts: list[Any] = [shape, len(sorted_.classes)]
    parts += [*train.digests, *test.digests]
    return Manifest(
        layout=layout,
        shape=shape,
        classes=sorted_.classes,
        train=train.count,
        test=test.count,
        mean=mean,
        std=std,
        digest=hashlib.sha256(json.dumps(parts).encode()).hexdigest(),
        twins=twins(train.marks, test.marks),
        pictures=all(isinstance(share.part, Encoded) for share in sorted_.shares),
        notes=(*sorted_.notes, *skipped),
    )
