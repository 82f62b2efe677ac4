"""Images that stay on a device as bytes: a batch is gathered, moved and standardized by a few tensor operations."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from normlab.data.augment import hide, warp
from normlab.data.batches import JUDGED_AT_ONCE, Batch
from normlab.data.preprocess import Standardize


class Resident:
    """Stored images, uint8 (N, C, H, W), on a device.

    Args:
        images: a copy is kept, since a data set's own arrays are read-only, which tensors cannot be.
        mean, std: per channel, on the 0 to 1 scale.
        device: where they stay.
    """

    def __init__(
        self, images: NDArray[np.uint8], mean: Sequence[float], std: Sequence[float], device: torch.device
    ) -> None:
        self.pixels, self.device = torch.from_numpy(images.copy()).to(device), device
        self.standardize = Standardize(mean, std, device)

    def batch(self, batch: Batch) -> torch.Tensor:
        """The images of a batch, moved, standardized and hidden in part, float32 (N, C, H, W)."""
        pixels, changes = self.pixels[on_device(batch.numbers, self.device)].float(), batch.changes
        moved = pixels if changes.maps is None else warp(pixels, on_device(changes.maps, self.device))
        seen = self.standardize(moved)
        return seen if changes.holes is None else hide(seen, on_device(changes.holes, self.device))

    def in_order(self) -> Iterator[torch.Tensor]:
        """All images as they are, standardized, a few at a time."""
        for pixels in torch.split(self.pixels, JUDGED_AT_ONCE):
            yield self.standardize(pixels.float())


def on_device(values: NDArray[Any], device: torch.device) -> torch.Tensor:
    """An array as a tensor on a device. A GPU's work so far is not waited for: its driver takes a copy at once."""
    return torch.from_numpy(values).to(device, non_blocking=device.type == "cuda")
