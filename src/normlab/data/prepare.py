"""Images as a network is to see them: what is done to the levels is done once a process, before augmentation.

Whatever is chosen, the network sees (x / 255 − mean) / std of what is prepared here, so engines need not know of it:

    standardize   x as stored, mean and std of the training set
    none          x as stored, mean 0 and std 1
    stretch, equalize, clahe   x from `normlab.data.levels`, mean 0 and std 1
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from normlab.data import levels
from normlab.data.datasets import Dataset
from normlab.data.pantry import prepared_once
from normlab.data.split import Split
from normlab.spec import Preprocess

Pixels = NDArray[np.uint8]

MAPS: dict[Preprocess, Callable[[Pixels], Pixels]] = {
    "stretch": levels.stretch,
    "equalize": levels.equalize,
    "clahe": lambda images: prepared_once(f"clahe-{levels.TILES}-{levels.CLIP}", levels.clahe, images),
}
_prepared: WeakKeyDictionary[Split, dict[Preprocess, Split]] = WeakKeyDictionary()


def check(how: Preprocess) -> None:
    """Raise `DataError` where what a preprocessing needs is not installed."""
    if how in ("equalize", "clahe"):
        levels.need()


def prepare(images: Split, how: Preprocess) -> Split:
    """The images to be seen, with the stored ones' labels; made once for each split in a process.

    Raises `DataError` where what it needs is not installed.
    """
    if how == "standardize":
        return images
    known = _prepared.setdefault(images, {})
    if how not in known:
        mean, std = affine(images, how)
        train, judged = (pixels(some, how) for some in (images.train_images, images.judged_images))
        known[how] = replace(images, train_images=train, judged_images=judged, mean=mean, std=std)
    return known[how]


def affine(data: Dataset | Split, how: Preprocess) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """The mean and std of each channel, on the 0 to 1 scale, that prepared images are standardized with."""
    if how == "standardize":
        return data.mean, data.std
    return tuple(0.0 for _ in data.mean), tuple(1.0 for _ in data.std)


def pixels(images: Pixels, how: Preprocess) -> Pixels:
    """Stored images, uint8 (N, C, H, W), with the levels that a network is to see, read-only."""
    if how not in MAPS:
        return images
    made = MAPS[how](images)
    made.setflags(write=False)
    return made
