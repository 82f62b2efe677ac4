"""Which images are trained on and which are judged: the test set, or training images held out for tuning."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from normlab import seeds
from normlab.data.datasets import Dataset
from normlab.errors import SpecError
from normlab.spec import Recipe


@dataclass(frozen=True)
class Split:
    """Images uint8 (N, C, H, W) and labels int64 (N,), to train on and to judge by.

    `mean` and `std` are what both are standardized with, per channel, on the scale 0 to 1.
    """

    train_images: NDArray[np.uint8]
    train_labels: NDArray[np.int64]
    judged_images: NDArray[np.uint8]
    judged_labels: NDArray[np.int64]
    mean: tuple[float, ...]
    std: tuple[float, ...]


def split(data: Dataset, recipe: Recipe, root: int) -> Split:
    """The data set's own split, changed as the recipe says.

    With `holdout`, that many training images are judged instead of the test set, which is then never touched. With
    `train_images`, only so many of the others are trained on. Which ones depends on `root` alone, so that runs of
    every arm and seed are paired by image too. Raises `SpecError` when there are not enough images.
    """
    if not (recipe.holdout or recipe.train_images):
        return Split(data.train_images, data.train_labels, data.test_images, data.test_labels, data.mean, data.std)
    count = len(data.train_images)
    if recipe.holdout + max(1, recipe.train_images) > count:
        asked = f"{recipe.holdout} held out and {recipe.train_images or 'the others'} trained on"
        raise SpecError(f"recipe.holdout, recipe.train_images: there are {count} training images, got {asked}")
    order = seeds.generator(root, "holdout", 0).permutation(count)
    held, rest = np.sort(order[: recipe.holdout]), order[recipe.holdout :]
    kept = np.sort(rest[: recipe.train_images or None])
    judged = (
        (data.train_images[held], data.train_labels[held]) if recipe.holdout else (data.test_images, data.test_labels)
    )
    return Split(data.train_images[kept], data.train_labels[kept], *judged, data.mean, data.std)
