"""From pixels to what a network sees: (x / 255 − mean) / std, per channel, of prepared images."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from normlab.data.datasets import Dataset
from normlab.data.prepare import affine, pixels
from normlab.spec import Preprocess


def network_input(images: NDArray[np.uint8], data: Dataset, how: Preprocess) -> torch.Tensor:
    """A data set's stored images (N, C, H, W) as a network sees them, not augmented: float32 on the CPU."""
    return seen(images, how, *affine(data, how))


def seen(images: NDArray[np.uint8], how: Preprocess, mean: Sequence[float], std: Sequence[float]) -> torch.Tensor:
    """Images (N, C, H, W) as a network sees them that was trained with `mean` and `std`, per channel, 0 to 1."""
    levels = torch.from_numpy(pixels(images, how).astype(np.float32))
    return Standardize(mean, std, torch.device("cpu"))(levels)


class Standardize:
    """The affine map of one data set, on one device.

    Args:
        mean, std: per channel, on the 0 to 1 scale.
    """

    def __init__(self, mean: Sequence[float], std: Sequence[float], device: torch.device) -> None:
        self.mean = torch.tensor(mean, device=device).view(1, -1, 1, 1)
        self.scale = 1 / torch.tensor(std, device=device).view(1, -1, 1, 1)

    def __call__(self, pixels: torch.Tensor) -> torch.Tensor:
        """Float (N, C, H, W) on the 0 to 255 scale to standardized float of the same shape."""
        return pixels.mul(self.scale / 255).sub_(self.mean * self.scale)
