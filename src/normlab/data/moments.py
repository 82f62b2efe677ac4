"""Mean and standard deviation of images, from how often each of the 256 levels occurs: no image becomes floats."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
Counts = NDArray[np.int64]
"""How often each level occurs in each channel, (C, 256)."""


def counts(images: Pixels) -> Counts:
    """Of images (N, C, H, W)."""
    found = np.zeros((images.shape[1], 256), np.int64)
    for image in images:  # one at a time, for numpy counts 64-bit numbers and makes a copy of them
        for channel, plane in enumerate(image):
            found[channel] += np.bincount(plane.reshape(-1), minlength=256)
    return found


def moments(counted: Counts) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Mean and standard deviation of each channel, on the scale 0 to 1; a channel of one level only has a std of 1."""
    levels, means, stds = np.arange(256) / 255, list[float](), list[float]()
    for channel in counted:
        shares = channel / channel.sum()
        mean = float(shares @ levels)
        means.append(mean)
        stds.append(float(np.sqrt(shares @ (levels - mean) ** 2)) or 1.0)
    return tuple(means), tuple(stds)
