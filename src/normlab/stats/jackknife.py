"""Intervals by leaving out one seed at a time, for what is no mean: logarithms of variances and of their ratios."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from normlab.stats.intervals import Interval, half_width

Statistic = Callable[[NDArray[np.float64]], float]
"""A number of scores, shape (kinds, seeds)."""


def jackknife(scores: NDArray[np.float64], statistic: Statistic, level: float = 0.95) -> Interval | None:
    """θ̂ ± t(n − 1)·s / √n, with s the standard deviation of the pseudo-values n·θ̂ − (n − 1)·θ̂₋ᵢ.

    Seeds are left out of all kinds together, so that what is paired stays paired. It assumes no normal distribution,
    and wants a statistic whose distribution is about symmetric: the logarithm of a variance, and not the variance.

    Args:
        scores: shape (kinds, seeds), the same seeds in every row.
        statistic: finite for n and for n − 1 of the seeds.
        level: the confidence, above 0 and below 1.

    Returns:
        the interval in the statistic's unit; None for fewer than 3 seeds, or where the statistic is not finite.

    Source: R. G. Miller, Jackknifing variances, Annals of Mathematical Statistics 39, 1968.
    """
    seeds = scores.shape[-1]
    if seeds < 3:
        return None
    whole = statistic(scores)
    without = np.array([statistic(np.delete(scores, i, axis=-1)) for i in range(seeds)])
    if not np.isfinite([whole, *without]).all():
        return None
    pseudo = seeds * whole - (seeds - 1) * without
    reach = half_width(seeds, level) * float(pseudo.std(ddof=1))
    return Interval(whole - reach, whole + reach, level)
