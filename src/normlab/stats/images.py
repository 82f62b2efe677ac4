"""What the images say: McNemar's test for two runs, its form for many seeds, and a bootstrap over seeds × images.

Tests over seeds ask whether the difference would be there with other seeds on these images; those here ask whether it
would be there on other images of the same kind.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from normlab.stats.intervals import Interval

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
    p-value says (`normlab calibrate` has the figures). `over_seeds_and_images` draws both.

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


def resampled(right: Sequence[Right], rng: np.random.Generator, resamples: int = 2000) -> list[NDArray[np.float64]]:
    """Accuracies on images drawn anew, in percent: for each arm (resamples, seeds).

    Every arm and seed sees the same draws, so that differences stay paired. Seeds are drawn by `over_seeds_and_images`.

    Args:
        right: for each arm (seeds, images), the same images; seeds may differ in number.
        rng: where the draws come from.
        resamples: how many.
    """
    images = right[0].shape[1]
    # Only images that somebody misses make a difference: the others are drawn together.
    ever = np.flatnonzero(~np.logical_and.reduce([each.all(axis=0) for each in right]))
    chance = np.full(len(ever) + 1, 1 / images)
    chance[-1] = max(0.0, 1 - len(ever) / images)
    draws = rng.multinomial(images, chance, size=resamples)[:, :-1].astype(np.float64)
    return [100 - draws @ (~each[:, ever]).T * (100 / images) for each in right]


def over_seeds_and_images(
    first: NDArray[np.float64], second: NDArray[np.float64], rng: np.random.Generator, level: float = 0.95
) -> Interval | None:
    """Percentile interval of the difference in accuracy where both seeds and images are drawn anew.

    Args:
        first, second: two arms of `resampled`, (resamples, seeds), the same seeds.
        rng: where the draws of seeds come from.
        level: the confidence, above 0 and below 1.

    Returns:
        percentage points; None for one seed.

    Source: A. B. Owen, The pigeonhole bootstrap, Annals of Applied Statistics 1, 2007.
    """
    resamples, seeds = first.shape
    if seeds < 2:
        return None
    draws = rng.multinomial(seeds, np.full(seeds, 1 / seeds), size=resamples)
    differences = ((first - second) * draws).sum(axis=1) / seeds
    low, high = np.quantile(differences, [(1 - level) / 2, (1 + level) / 2])
    return Interval(float(low), float(high), level)
