"""Which images are trained on and which are judged: the test set, or training images held out for tuning."""

from __future__ import annotations

from dataclasses import dataclass
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from normlab import seeds
from normlab.data.chosen import chosen
from normlab.data.datasets import Dataset
from normlab.errors import SpecError
from normlab.spec import Recipe


@dataclass(frozen=True, eq=False)
class Split:
    """Images uint8 (N, C, H, W) and labels int64 (N,), to train on and to judge by; one is equal to itself alone.

    `mean` and `std` are what both are standardized with, per channel, on the scale 0 to 1.
    """

    train_images: NDArray[np.uint8]
    train_labels: NDArray[np.int64]
    judged_images: NDArray[np.uint8]
    judged_labels: NDArray[np.int64]
    mean: tuple[float, ...]
    std: tuple[float, ...]


_latest: WeakKeyDictionary[Dataset, tuple[tuple[int, int, int, int], Split]] = WeakKeyDictionary()
"""The split that was asked for last of each data set, and what decided it."""


def split(data: Dataset, recipe: Recipe, root: int, seed: seeds.Replicate = seeds.HELD) -> Split:
    """The data set's own split, changed as the recipe says.

    With `holdout`, that many training images are judged instead of the test set, which is then never touched. With
    `train_images`, only so many of the others are trained on. Which ones depends on `root` alone, so that runs of
    every arm and seed are paired by image too; where just this is to vary, on a `seed` as well (`Job.division`). They
    are chosen once for all who ask for the same ones in a row, and copied where they are few. Raises `SpecError` when
    there are not enough images.
    """
    which = recipe.holdout, recipe.train_images, root, seeds.followed(seed, "holdout")
    if data not in _latest or _latest[data][0] != which:
        _latest[data] = which, _chosen(data, *which)
    return _latest[data][1]


def counts(data: Dataset, recipe: Recipe) -> tuple[int, int]:
    """How many images are trained on and how many are judged; see `split`."""
    trained = recipe.train_images or len(data.train_images) - recipe.holdout
    return trained, recipe.holdout or len(data.test_images)


def _chosen(data: Dataset, holdout: int, train_images: int, root: int, seed: int) -> Split:
    count = len(data.train_images)
    if not (holdout or train_images):
        return Split(data.train_images, data.train_labels, data.test_images, data.test_labels, data.mean, data.std)
    if holdout + max(1, train_images) > count:
        asked = f"{holdout} held out and {train_images or 'the others'} trained on"
        raise SpecError(f"recipe.holdout, recipe.train_images: there are {count} training images, got {asked}")
    order = seeds.generator(root, "holdout", seed).permutation(count)
    held, rest = np.sort(order[:holdout]), order[holdout:]
    kept = np.sort(rest[: train_images or None])
    judged = _some(data, held) if holdout else (data.test_images, data.test_labels)
    return Split(*_some(data, kept), *judged, data.mean, data.std)


def _some(data: Dataset, which: NDArray[np.int64]) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Training images and their labels, read-only as a data set's are."""
    labels = data.train_labels[which]
    labels.setflags(write=False)
    return chosen(data.train_images, which), labels
