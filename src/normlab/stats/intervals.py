"""Intervals for a mean difference between two arms, paired by seed."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from normlab.stats import estimates


@dataclass(frozen=True)
class Interval:
    """From `low` to `high`, in the unit of the scores, at confidence `level` (0 to 1)."""

    low: float
    high: float
    level: float

    @property
    def width(self) -> float:
        """`high` − `low`, 0 when every seed gave the same difference."""
        return self.high - self.low

    def excludes(self, value: float) -> bool:
        """Whether `value` lies outside."""
        return not self.low <= value <= self.high


def paired_t(differences: ArrayLike, level: float = 0.95) -> Interval | None:
    """Student's t interval for the mean of paired differences, d̄ ± t(n − 1)·s / √n.

    Args:
        differences: shape (seeds,), `scores[a] - scores[b]` with the same seeds in the same order, in any unit.
        level: the confidence, above 0 and below 1.

    Returns:
        the interval in the same unit, of width 0 for equal differences; None for one seed, which has no interval.
    """
    values = np.asarray(differences, dtype=np.float64)
    spread = estimates.sd(values)
    if spread is None:
        return None
    middle = float(estimates.mean(values))
    reach = half_width(values.size, level) * float(spread)
    return Interval(middle - reach, middle + reach, level)


def within_seeds(scores: ArrayLike, level: float = 0.95) -> list[Interval | None]:
    """Intervals of several means on the same seeds, with what is each seed's own taken out.

    For x = score − (mean of its seed) + (mean of all), m means have x̄ ± t(n − 1)·s·√(m / (m − 1)) / √n: where they do
    not overlap by much, a paired test finds a difference. Two means get the t interval of their difference over √2.

    Args:
        scores: shape (means, seeds), at least two means, in any unit.
        level: the confidence, above 0 and below 1.

    Returns:
        an interval for each mean, in the same unit; None for one seed.

    Source: R. D. Morey, Confidence intervals from normalized data, Tutorials in Quantitative Methods for Psychology 4,
    2008.
    """
    values = np.asarray(scores, dtype=np.float64)
    if len(values) < 2:
        raise ValueError(f"expected scores of at least 2 means, got shape {values.shape}")
    centred = values - values.mean(axis=0) + values.mean()
    stretch = math.sqrt(len(values) / (len(values) - 1))
    return [paired_t(mean + stretch * (row - mean), level) for row, mean in zip(centred, centred.mean(1), strict=True)]


def bca(
    differences: ArrayLike, rng: np.random.Generator, level: float = 0.95, resamples: int = 9999
) -> Interval | None:
    """Bias-corrected and accelerated bootstrap interval for the mean of paired differences.

    It assumes no normal distribution, but needs more seeds than the t interval: below about ten it is too narrow.

    Args:
        differences: shape (seeds,), in any unit.
        rng: where the draws come from.
        level: the confidence, above 0 and below 1.
        resamples: how many.

    Returns:
        the interval in the same unit, of width 0 for equal differences; None for one seed.

    Source: B. Efron, Better bootstrap confidence intervals, JASA 82, 1987.
    """
    from scipy.stats import bootstrap

    values = np.asarray(differences, dtype=np.float64)
    if values.size < 2:
        return None
    if (values == values[0]).all():
        return Interval(float(values[0]), float(values[0]), level)
    found = bootstrap((values,), np.mean, confidence_level=level, n_resamples=resamples, method="BCa", rng=rng)
    return Interval(float(found.confidence_interval.low), float(found.confidence_interval.high), level)


def half_width(seeds: int, level: float = 0.95) -> float:
    """How many standard deviations of the differences the t interval reaches to each side, t(n − 1) / √n.

    Args:
        seeds: how many paired differences, at least 2.
        level: the confidence, above 0 and below 1.
    """
    from scipy.special import stdtrit

    if seeds < 2 or not 0 < level < 1:
        raise ValueError(f"expected at least 2 seeds and a level between 0 and 1, got {seeds} and {level}")
    return float(stdtrit(seeds - 1, (1 + level) / 2)) / math.sqrt(seeds)
