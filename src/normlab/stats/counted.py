"""Two arms of which one gets next to no image wrong: their errors are counts, and differences of a few are skewed.

By chance few errors of the worse arm come with a small spread, so that a t test says "equivalent" too often. So that
claim needs a score test of the counts as well. For errors X ~ Poisson(λ₁) and Y ~ Poisson(λ₂) of each of n runs and
"λ₂ is larger by Δ or more",

    z = (Ȳ − X̄ − Δ) / √((2·λ̃ + Δ) / n),   λ̃ the likeliest λ₁ where λ₂ = λ₁ + Δ, the root ≥ 0 of
    2·λ² + (2·Δ − X̄ − Ȳ)·λ − X̄·Δ = 0,

whose variance is that of the hypothesis and not of the sample. The p-value is the larger of both tests': where runs
scatter more than counts do, the t test is the one that asks for more. Images that both arms get wrong are counted as if
they were not the same, which asks for more too.

Source: M. Farrington and G. Manning, Statistics in Medicine 9, 1990, for the variance under the hypothesis.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from normlab.stats.paired import Paired

FEW = 3.0
"""Errors a run, in the mean of the better arm, below which counts are asked."""


@dataclass(frozen=True)
class Counted(Paired):
    """As `Paired`, of differences in percentage points of `images`; `errors` are (first, second) on each seed."""

    errors: tuple[tuple[int, int], ...]
    images: int

    def at(self, places: Sequence[int]) -> Counted:
        """See `Paired.at`."""
        errors = tuple(self.errors[place] for place in places)
        return Counted(super().at(places).differences, errors, self.images)

    def equal(self, margin: float) -> float:
        """The larger p-value of `equivalence.tost` and `not_apart` where errors are few; 1 without a seed."""
        by_differences = super().equal(margin)
        counts = np.reshape(self.errors, (-1, 2)).T
        if not few(counts):
            return by_differences
        return max(by_differences, float(not_apart(counts[0], counts[1], margin * self.images / 100)))


def few(errors: NDArray[np.int_]) -> bool:
    """Whether the better of two arms makes few errors; shape (2, seeds)."""
    return bool(errors.size and errors.mean(axis=1).min() < FEW)


def not_apart(first: ArrayLike, second: ArrayLike, margin: float) -> NDArray[np.float64]:
    """P-value of two one-sided score tests that mean counts are `margin` or more apart.

    Args:
        first, second: shape (..., seeds), errors of each run, at least one.
        margin: in errors, above 0.

    Returns:
        shape (...), above 0 and at most 1.
    """
    from scipy.special import ndtr

    one, other = (np.asarray(counts, dtype=np.float64) for counts in (first, second))
    seeds, means = one.shape[-1], (one.mean(axis=-1), other.mean(axis=-1))
    half = (2 * margin - means[0] - means[1]) / 4
    apart = np.maximum(_above(half, means, margin), _above(half, means[::-1], margin))
    return np.asarray(ndtr(math.sqrt(seeds) * apart))


def _above(half: NDArray[np.float64], means: tuple[NDArray[np.float64], ...], margin: float) -> NDArray[np.float64]:
    """The statistic over √n of "the second is larger by the margin or more"."""
    likeliest = np.sqrt(half**2 + means[0] * margin / 2) - half
    return np.asarray((means[1] - means[0] - margin) / np.sqrt(2 * likeliest + margin))
