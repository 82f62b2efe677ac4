"""Sums over the batches of an epoch."""

from __future__ import annotations

import torch


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

    def means(self) -> list[tuple[float, float, int]]:
        """Of each run the mean loss per image, the mean penalty per batch, and the right images."""
        self.sums = sum(self.laid_by, start=self.sums)
        self.laid_by.clear()
        rows = torch.as_tensor(self.sums).tolist()
        return [(loss / self.images, penalty / self.batches, int(right)) for loss, penalty, right in rows]
