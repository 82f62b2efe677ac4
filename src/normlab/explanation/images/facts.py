"""What is known of an image and of what each preprocessing makes of it, before anybody shows it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from normlab.explanation.worked import Array
from normlab.spec import Preprocess

Pixels = NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class Treated:
    """One preprocessing of the image.

    Args:
        kind: its name.
        levels: the pixels after it, uint8 (C, H, W); those that are stored for `none` and `standardize`.
        seen: what a network sees, (C, H, W): levels / 255, and for `standardize` (levels / 255 − mean) / std.
    """

    kind: Preprocess
    levels: Pixels
    seen: Array


@dataclass(frozen=True, eq=False)
class ImageFacts:
    """An image before and after.

    Args:
        name: what the image is called.
        image: as it is stored, uint8 (C, H, W).
        mean, std: what `standardize` takes of each channel, on the 0 to 1 scale; `of` says whose they are.
        treated: one for each preprocessing, the first of them `none`.
    """

    name: str
    image: Pixels
    mean: tuple[float, ...]
    std: tuple[float, ...]
    of: str
    treated: tuple[Treated, ...]
