"""Sums over the batches of an epoch."""

from __future__ import annotations

import torch


class Tally:
    """What `Stepper.step` gives, added up where it is, so that no batch has to wait for it."""

    def __init__(self) -> None:
        self.sums: torch.Tensor | float = 0.0
        self.images = self.batches = 0

    def add(self, step: torch.Tensor, images: int) -> None:
        """Add a step's (loss × images, penalty, right images), a row for each run, over so many images."""
        self.sums = self.sums + step
        self.images += images
        self.batches += 1

    def means(self) -> list[tuple[float, float, int]]:
        """Of each run the mean loss per image, the mean penalty per batch, and the right images."""
        rows = torch.as_tensor(self.sums).tolist()
        return [(loss / self.images, penalty / self.batches, int(right)) for loss, penalty, right in rows]
