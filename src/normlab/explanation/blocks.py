"""Pictures out of characters: an image, and a histogram."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

SHADES, BARS = " ░▒▓█", " ▁▂▃▄▅▆▇█"


def picture(image: NDArray[np.uint8]) -> list[str]:
    """An image, uint8 (channels, height, width), as lines of shades: a character for each pixel of every second row."""
    grey = image.mean(axis=0)
    halves = grey[: len(grey) // 2 * 2].reshape(-1, 2, grey.shape[1]).mean(axis=1)
    return ["".join(SHADES[round(level / 255 * (len(SHADES) - 1))] for level in row) for row in halves]


def bars(counts: NDArray[np.int64]) -> str:
    """Counts as bars, by the root of their share of the largest, so that rare values are seen beside many zeros."""
    heights = np.sqrt(counts / max(1, int(counts.max())))
    return "".join(BARS[int(np.ceil(height * (len(BARS) - 1)))] for height in heights)


def grey(values: NDArray[np.float64]) -> NDArray[np.uint8]:
    """Numbers of any range as levels, the smallest 0 and the largest 255."""
    reach = max(float(np.ptp(values)), 1e-12)
    return np.asarray(((values - values.min()) / reach * 255).round(), np.uint8)
