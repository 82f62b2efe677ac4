"""The batches of an epoch by number: order and augmentation depend on the seed and the epoch alone.

How the images themselves are fetched is each engine's own matter: see `normlab.data.resident` for tensors on a device,
and `normlab.data.plain` for the way one would teach it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil, prod

import numpy as np
from numpy.typing import NDArray

from normlab import seeds
from normlab.data.augment import Changes, draw
from normlab.data.split import Split
from normlab.spec import Recipe

JUDGED_AT_ONCE = 250
"""Images per evaluation batch: enough to keep the kernels busy, few enough to stay in a core's cache."""
JUDGED_PIXELS, JUDGED_LEAST = 8_000_000, 16
"""Of one of them together, at most, and images that it has in any case: 250 of 3 × 224×224 would be 150 MB."""


def judged_at_once(images: NDArray[np.uint8]) -> int:
    """How many of images (N, C, H, W) are judged at a time."""
    return max(JUDGED_LEAST, min(JUDGED_AT_ONCE, JUDGED_PIXELS // prod(images.shape[1:])))


@dataclass(frozen=True, eq=False)
class Batch:
    """The images of one step.

    `numbers` are their places among the training images, int64 (N,), `changes` what augmentation does to each,
    `labels` their classes, int64 (N,).
    """

    numbers: NDArray[np.int64]
    changes: Changes
    labels: NDArray[np.int64]


class Batches:
    """The batches of a recipe's training images.

    Args:
        images: what is trained on.
        recipe: its batch size and augmentation.
        root: the study's root of randomness.
    """

    def __init__(self, images: Split, recipe: Recipe, root: int) -> None:
        self.images, self.recipe, self.root = images, recipe, root

    def __len__(self) -> int:
        """How many batches an epoch has; the last one may be smaller."""
        return ceil(len(self.images.train_labels) / self.recipe.batch_size)

    def epoch(self, seed: seeds.Replicate, epoch: int) -> Iterator[Batch]:
        """The batches of one epoch (counted from 1) in the seed's order."""
        order, changes = plan(self.images, self.recipe, self.root, seed, epoch)
        labels, ordered = self.images.train_labels[order], changes.of(order)
        for start in range(0, len(order), self.recipe.batch_size):
            part = slice(start, start + self.recipe.batch_size)
            yield Batch(order[part], ordered.of(part), labels[part])


def plan(
    images: Split, recipe: Recipe, root: int, seed: seeds.Replicate, epoch: int
) -> tuple[NDArray[np.int64], Changes]:
    """An epoch's order, int64 (N,), and what augmentation does to each image, by number."""
    count, *_, height, width = images.train_images.shape
    order = seeds.generator(root, "order", seed, epoch).permutation(count)
    return order, draw(recipe.augment, count, (height, width), lambda what: seeds.generator(root, what, seed, epoch))
