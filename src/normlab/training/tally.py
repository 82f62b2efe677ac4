"""Sums over the batches of an epoch."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray


class Tally:
    """What `Stepper.step` gives, added up where it is, so that no batch has to wait for it.

    Steps are laid by until a sum is asked for: one after the other they find the caches warm, which they do not between
    two batches. The order is the same, and so are the bits.
    """

    def __init__(self) -> None:
        self.sums: torch.Tensor | float = 0.0
        self.laid_by: list[torch.Tensor] = []
        self.images = self.batches = 0

    def add(self, step: torch.Tensor, images: int) -> None:
        """Add a step's (loss × images, penalty, right images), a row for each run, over so many images."""
        self.laid_by.append(step)
        self.images += images
        self.batches += 1

    def total(self) -> NDArray[np.float32]:
        """The sums so far, a row for each run, as an array."""
        return np.asarray(torch.as_tensor(self._added()).cpu().numpy().copy(), np.float32)

    def go_on(self, sums: torch.Tensor, images: int, batches: int) -> None:
        """From the `total` of so many images in so many batches."""
        self.sums, self.images, self.batches = sums, images, batches

    def means(self) -> list[tuple[float, float, int]]:
        """Of each run the mean loss per image, the mean penalty per batch, and the right images."""
        rows = torch.as_tensor(self._added()).tolist()
        return [(loss / self.images, penalty / self.batches, int(right)) for loss, penalty, right in rows]

    def _added(self) -> torch.Tensor | float:
        self.sums = sum(self.laid_by, start=self.sums)
        self.laid_by.clear()
        return self.sums
