"""Whether two networks are one function on given images, as far as float32 can tell."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from normlab.errors import CompactError

Scores = NDArray[np.float32]
TOLERANCE = 1e-3
"""The largest difference of a score, as a part of the largest score. Sums in another order differ by some 1e-6 of it;
instance norm can enlarge that 300-fold (1/√eps) where a plane is almost flat. A wrong channel gives far more."""
BATCH = 500


@torch.inference_mode()
def scores(model: nn.Module, images: torch.Tensor) -> Scores:
    """What a model in eval mode gives for all images (N, C, H, W), in batches: (N, classes)."""
    return np.concatenate([model(batch).numpy() for batch in torch.split(images, BATCH)])


def change(before: Scores, after: Scores, what: str) -> float:
    """The largest difference of a score as a part of the largest score.

    Raises `CompactError` where a predicted class differs, or a score by more than `TOLERANCE`.
    """
    flipped = int((before.argmax(1) != after.argmax(1)).sum())
    found = float(np.abs(before - after).max() / max(float(np.abs(before).max()), 1e-30))
    if flipped or not found <= TOLERANCE:
        raise CompactError(
            f"{what} is not the same function: {flipped} of {len(before)} predicted classes differ, and scores by up to"
            f" {found:.2g} of the largest (expected none, and at most {TOLERANCE:g}), so it was not written"
        )
    return found
