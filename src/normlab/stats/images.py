"""What the images say: McNemar's test for two runs, and its form for many seeds.

Tests over seeds ask whether the difference would be there with other seeds on these images; those here ask whether it
would be there on other images of the same kind, for these very runs. `other_images` draws both anew.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

Right = NDArray[np.bool_]
"""Which images each run gets right, (seeds, images)."""


def mcnemar(first: NDArray[np.bool_], second: NDArray[np.bool_]) -> float:
    """Exact two-sided p-value that two runs differ: a coin for each image that only one of them gets right.

    Args:
        first, second: shape (images,), which of the same images each gets right.

    Source: Q. McNemar, Psychometrika 12, 1947.
    """
    from scipy.stats import binomtest

    only_first, only_second = int((first & ~second).sum()), int((~first & second).sum())
    if not only_first + only_second:
        return 1.0
    return float(binomtest(only_first, only_first + only_second).pvalue)


def mcnemar_over_seeds(first: Right, second: Right) -> float:
    """Two-sided p-value that the runs of two arms differ on images like these, all seeds together.

    It takes the runs as given: other seeds of the same arms may differ the other way, and do so more often than the
    p-value says (`normlab calibrate` has the figures). `other_images` has both.

    The same images are judged in every seed, so an image with its seeds counts once: z is the sum over images of (seeds
    where only the first is right − seeds where only the second is), divided by the root of the sum of their squares.
    For one seed it is McNemar's test without its correction.

    Args:
        first, second: shape (seeds, images), the same seeds and images.

    Source: V. L. Durkalski et al., Analysis of clustered matched-pair data, Statistics in Medicine 22, 2003.
    """
    from scipy.special import ndtr

    ahead = first.sum(axis=0, dtype=np.int64) - second.sum(axis=0, dtype=np.int64)
    squares = int((ahead**2).sum())
    return float(2 * ndtr(-abs(int(ahead.sum())) / math.sqrt(squares))) if squares else 1.0
