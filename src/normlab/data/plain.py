"""The images of a recipe as one would teach it: read one, move it, standardize it, hide a part, stack a batch."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch
from numpy.typing import NDArray

from normlab.data.augment import STILL, Changes, warp_one
from normlab.data.batches import judged_at_once, plan
from normlab.data.preprocess import Standardize
from normlab.data.split import Split
from normlab.seeds import Replicate
from normlab.spec import Recipe

Examples = tuple[torch.Tensor, torch.Tensor]
"""Standardized float images (N, C, H, W) and int64 labels (N,)."""


class PlainFeed:
    """Batches of images and labels, made image by image; the arguments are those of `Batches`, and a device."""

    def __init__(self, images: Split, recipe: Recipe, root: int, device: torch.device) -> None:
        self.images, self.recipe, self.root, self.device = images, recipe, root, device
        self.standardize = Standardize(images.mean, images.std, torch.device("cpu"))

    def epoch(self, seed: Replicate, epoch: int) -> Iterator[Examples]:
        """The augmented training batches of one epoch (counted from 1) in the seed's order."""
        order, changes = plan(self.images, self.recipe, self.root, seed, epoch)
        for start in range(0, len(order), self.recipe.batch_size):
            numbers = order[start : start + self.recipe.batch_size]
            stored, labels = self.images.train_images[numbers], self.images.train_labels[numbers]
            yield self._batch(stored, labels, changes.of(numbers))

    def judged(self) -> Iterator[Examples]:
        """The images that a network is judged by, unchanged and in order."""
        at_once = judged_at_once(self.images.judged_images)
        for start in range(0, len(self.images.judged_labels), at_once):
            some = slice(start, start + at_once)
            yield self._batch(self.images.judged_images[some], self.images.judged_labels[some], STILL)

    def _batch(self, images: NDArray[np.uint8], labels: NDArray[np.int64], changes: Changes) -> Examples:
        one_by_one = (image.astype(np.float32) for image in images)
        moved = one_by_one if changes.maps is None else map(warp_one, one_by_one, changes.maps)
        seen = self.standardize(torch.from_numpy(np.stack(list(moved))))
        if changes.holes is not None:
            for image, (top, left, bottom, right) in zip(seen, changes.holes, strict=True):
                image[:, top:bottom, left:right] = 0
        return seen.to(self.device), torch.from_numpy(labels.copy()).to(self.device)
