"""What the images of a data set have in common, which a picture is to have too: ground, size and place."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from normlab.data import Dataset

DARK = 64
"""The level (0 to 255) below which a border is dark."""
LOOKED_AT = 2000
"""Training images that tell what a data set's images are like."""


@dataclass(frozen=True)
class Habits:
    """Of grey images; those in colours have none.

    Args:
        dark: whether they have a dark ground.
        box: the side, in pixels, of the box that things were scaled to; 0 where they were not.
        centre: (row, column) of where the mass of a thing is, on average, if there is a box.
    """

    dark: bool = False
    box: int = 0
    centre: tuple[float, float] = (0.0, 0.0)

    @classmethod
    def of(cls, data: Dataset) -> Habits:
        """Those of a data set's training images."""
        from scipy.ndimage import center_of_mass

        some = data.train_images[:LOOKED_AT]
        if some.shape[1] > 1:
            return cls()
        box = _box(some)
        row, column = center_of_mass(some.mean((0, 1))) if box else (0.0, 0.0)
        return cls(bool(np.median(_border(some)) < DARK), box, (float(row), float(column)))


def _border(images: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The outermost pixels of images (N, C, H, W)."""
    sides = (images[..., 0, :], images[..., -1, :], images[..., :, 0], images[..., :, -1])
    return np.concatenate([side.ravel() for side in sides])


def _box(images: NDArray[np.uint8]) -> int:
    across, down = (np.any(images > DARK, axis=axes) for axes in ((1, 2), (1, 3)))
    longest = np.maximum(_reach(across), _reach(down))
    low, middle, high = np.quantile(longest, (0.25, 0.5, 0.75))
    return int(middle) if high - low <= 1 and middle < 0.85 * min(images.shape[2:]) else 0


def _reach(there: NDArray[np.bool_]) -> NDArray[np.int64]:
    """From the first to the last of each row (N, n), both counted."""
    ends = there.argmax(1) + there[:, ::-1].argmax(1)
    return np.where(there.any(1), there.shape[1] - ends, 0)
