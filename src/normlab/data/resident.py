"""Stored images on a device: a batch is gathered, moved and standardized by a few tensor operations.

A GPU has all of them as bytes. On a CPU they stay where they are, in memory or in a file that is mapped into it: a
process keeps no copy, several share the pages, and of images that are more than memory holds only a batch is read.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from normlab.data.augment import hide, warp
from normlab.data.batches import Batch, judged_at_once
from normlab.data.chosen import expect
from normlab.data.preprocess import Standardize


class Resident:
    """Stored images, uint8 (N, C, H, W), for a device.

    Args:
        images: as a data set has them.
        mean, std: per channel, on the 0 to 1 scale.
        device: where they are needed.
    """

    def __init__(
        self, images: NDArray[np.uint8], mean: Sequence[float], std: Sequence[float], device: torch.device
    ) -> None:
        self.images, self.device = images, device
        self.at_once = judged_at_once(images)
        self.standardize = Standardize(mean, std, device)
        # A data set's own arrays are read-only, which tensors cannot be.
        self.there = None if device.type == "cpu" else torch.from_numpy(np.array(images)).to(device)

    def batch(self, batch: Batch) -> torch.Tensor:
        """The images of a batch, moved, standardized and hidden in part, float32 (N, C, H, W)."""
        pixels, changes = self._chosen(batch.numbers).float(), batch.changes
        moved = pixels if changes.maps is None else warp(pixels, on_device(changes.maps, self.device))
        seen = self.standardize(moved)
        return seen if changes.holes is None else hide(seen, on_device(changes.holes, self.device))

    def in_order(self) -> Iterator[torch.Tensor]:
        """All images as they are, standardized, a few at a time."""
        for start in range(0, len(self.images), self.at_once):
            yield self.standardize(self._some(slice(start, start + self.at_once)).float())

    def _chosen(self, numbers: NDArray[np.int64]) -> torch.Tensor:
        if self.there is None:
            expect(self.images, numbers)
            return torch.from_numpy(self.images[numbers])
        return self.there[on_device(numbers, self.device)]

    def _some(self, part: slice) -> torch.Tensor:
        if self.there is None:
            expect(self.images, part)
            return torch.from_numpy(np.array(self.images[part]))
        return self.there[part]


def on_device(values: NDArray[Any], device: torch.device) -> torch.Tensor:
    """An array as a tensor on a device. A GPU's work so far is not waited for: its driver takes a copy at once."""
    return torch.from_numpy(values).to(device, non_blocking=device.type == "cuda")
