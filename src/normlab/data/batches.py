"""The images of a recipe, batch by batch: the order and the augmentation of an epoch depend on the seed alone.

`ResidentFeed` is the fast way: all pixels stay in one uint8 tensor on the device, a batch is gathered, warped and
standardized by a few tensor operations. `PlainFeed` is the way one would teach it, image by image. Both give the same
batches; a test says so.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray

from normlab import seeds
from normlab.data.augment import draw, warp, warp_one
from normlab.data.datasets import Dataset
from normlab.data.preprocess import Standardize
from normlab.data.split import split
from normlab.spec import Recipe

Batch = tuple[torch.Tensor, torch.Tensor]
"""Standardized float images (N, C, H, W) and int64 labels (N,)."""

JUDGED_AT_ONCE = 250
"""Images per evaluation batch: enough to keep the kernels busy, few enough to stay in a core's cache."""


class Feed(Protocol):
    """Where a training loop gets its images from."""

    labels: NDArray[np.int64]
    """The labels of the judged images, in order."""
    batches: int
    """How many batches an epoch has; the last one may be smaller."""

    def epoch(self, seed: int, epoch: int) -> Iterator[Batch]:
        """The augmented training batches of one epoch (counted from 1) in the seed's order."""

    def judged(self) -> Iterator[Batch]:
        """The images that the model is judged by, unchanged and in order."""


class PlainFeed:
    """Image by image: read one, move it, standardize it, stack a batch."""

    def __init__(self, data: Dataset, recipe: Recipe, root: int, device: torch.device) -> None:
        self.recipe, self.root, self.device = recipe, root, device
        self.parts = split(data, recipe, root)
        self.labels = self.parts.judged_labels
        self.batches = -(-len(self.parts.train_labels) // recipe.batch_size)
        self.standardize = Standardize(data.mean, data.std, torch.device("cpu"))

    def plan(self, seed: int, epoch: int) -> tuple[NDArray[np.int64], NDArray[np.float32] | None]:
        """The epoch's order, int64 (N,), and its maps by image, float32 (N, 2, 3); None when nothing is augmented."""
        count, *_, height, width = self.parts.train_images.shape
        order = seeds.generator(self.root, "order", seed, epoch).permutation(count)
        if self.recipe.augment.idle:
            return order, None
        rng = seeds.generator(self.root, "augment", seed, epoch)
        return order, draw(self.recipe.augment, count, (height, width), rng)

    def epoch(self, seed: int, epoch: int) -> Iterator[Batch]:
        """See `Feed.epoch`."""
        order, maps = self.plan(seed, epoch)
        for start in range(0, len(order), self.recipe.batch_size):
            chosen = order[start : start + self.recipe.batch_size]
            yield self._batch(self.parts.train_images, self.parts.train_labels, chosen, maps)

    def judged(self) -> Iterator[Batch]:
        """See `Feed.judged`."""
        for start in range(0, len(self.labels), JUDGED_AT_ONCE):
            chosen = np.arange(start, min(start + JUDGED_AT_ONCE, len(self.labels)))
            yield self._batch(self.parts.judged_images, self.parts.judged_labels, chosen, None)

    def _batch(
        self,
        images: NDArray[np.uint8],
        labels: NDArray[np.int64],
        chosen: NDArray[np.int64],
        maps: NDArray[np.float32] | None,
    ) -> Batch:
        one_by_one = (images[i].astype(np.float32) for i in chosen)
        moved = one_by_one if maps is None else map(warp_one, one_by_one, maps[chosen])
        pixels = torch.from_numpy(np.stack(list(moved)))
        return self.standardize(pixels).to(self.device), torch.from_numpy(labels[chosen]).to(self.device)


class ResidentFeed(PlainFeed):
    """The same batches from tensors that stay on the device."""

    def __init__(self, data: Dataset, recipe: Recipe, root: int, device: torch.device) -> None:
        super().__init__(data, recipe, root, device)
        parts, self.standardize = self.parts, Standardize(data.mean, data.std, device)
        self.train = _tensor(parts.train_images, device), _tensor(parts.train_labels, device)
        self.judge = _tensor(parts.judged_images, device), _tensor(parts.judged_labels, device)

    def epoch(self, seed: int, epoch: int) -> Iterator[Batch]:
        """See `Feed.epoch`."""
        images, labels = self.train
        planned, drawn = self.plan(seed, epoch)
        order = _tensor(planned, self.device)
        maps = None if drawn is None else _tensor(drawn, self.device)
        for chosen in torch.split(order, self.recipe.batch_size):
            pixels = images[chosen].float()
            moved = pixels if maps is None else warp(pixels, maps[chosen])
            yield self.standardize(moved), labels[chosen]

    def judged(self) -> Iterator[Batch]:
        """See `Feed.judged`."""
        for images, labels in zip(*(torch.split(part, JUDGED_AT_ONCE) for part in self.judge), strict=True):
            yield self.standardize(images.float()), labels


def _tensor(values: NDArray[np.generic], device: torch.device) -> torch.Tensor:
    """A copy on the device: a data set's own arrays are read-only, which tensors cannot be."""
    return torch.from_numpy(values.copy()).to(device)
