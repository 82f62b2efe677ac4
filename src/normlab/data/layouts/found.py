"""What a layout finds in a place: splits of images that are stored as pixels, or as files to be decoded."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
"""Images, (N, C, H, W)."""
Labels = Callable[[], NDArray[Any]]
"""Reads the labels of all images of a split in their order, (N,): whole numbers, or texts."""
Split = Literal["train", "val", "test"]

AT_ONCE = 256
"""Images that are held at a time."""


@dataclass(frozen=True)
class Picture:
    """An image as a file has it: what people call it, and its bytes or the file that has them."""

    name: str
    content: Path | bytes


@dataclass(frozen=True)
class Stored:
    """A split whose pixels are there: `shape` is (N, C, H, W), `chunks` reads some at a time, from the first on."""

    shape: tuple[int, int, int, int]
    labels: Labels
    chunks: Callable[[], Iterator[Pixels]]

    def __len__(self) -> int:
        return self.shape[0]


@dataclass(frozen=True)
class Encoded:
    """A split of `count` images in formats such as PNG; `chunks` gives some at a time, from the first on."""

    count: int
    labels: Labels
    chunks: Callable[[], Iterator[Sequence[Picture]]]

    def __len__(self) -> int:
        return self.count


Part = Stored | Encoded


@dataclass(frozen=True)
class Found:
    """A place that is understood.

    Args:
        layout: what it is called, for instance `CIFAR-10 binary`.
        parts: its splits.
        files: all files that the images come from.
        classes: names of the labels 0, 1, …; where there are none, each label that occurs is a class.
        notes: what people should know of how it is read.
        content: a digest of the images, for those that are in no files.
    """

    layout: str
    parts: Mapping[Split, Part]
    files: Sequence[Path | str]
    classes: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    content: str = ""


SPLITS: Mapping[str, Split] = {
    **dict.fromkeys(("train", "training"), "train"),
    **dict.fromkeys(("val", "valid", "validation", "dev"), "val"),
    **dict.fromkeys(("test", "testing", "t10k"), "test"),
}
"""What people call a split."""
