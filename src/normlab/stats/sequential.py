"""Intervals that stay true however often one looks, so that a study may stop as soon as it is settled.

A t interval holds for a number of seeds fixed beforehand: whoever looks after every seed and stops at the first
interval without 0 is wrong far more often than stated. A confidence sequence holds at all numbers of seeds at once,

    P(the mean lies in the interval after n seeds, for every n) ≥ level,

for differences that are normal with any spread. It inverts an e-process: under "the mean difference is μ" the
expected value of

    E(t) = N^(−1/2) · ((1 + t²/ν) / (1 + t²/(νN)))^(n/2),   ν = n − 1,  N = 1 + n·c²,  t = (d̄ − μ)√n / s

is at most 1 at any time one chooses to stop, so that E ≥ 1 / (1 − level) happens ever with at most probability
1 − level (Ville's inequality). E is the likelihood ratio of the t statistic under an effect size drawn from
Normal(0, c²) against none.

Sources: T. L. Lai, Annals of Statistics 4, 1976; H. Wang and A. Ramdas, Anytime-valid t-tests and confidence
sequences for Gaussian means with unknown variance, arXiv 2310.03722; J. Rouder et al., Psychonomic Bulletin 16, 2009.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from normlab.stats import estimates
from normlab.stats.difference import studentized
from normlab.stats.intervals import Interval

SCALE = 1.0
"""c: the effect sizes, in standard deviations of the paired differences, that the intervals are narrowest for."""


def reach(seeds: int, level: float, scale: float = SCALE) -> float:
    """How many standard deviations of the differences the interval reaches to each side; infinite for few seeds.

    Args:
        seeds: paired differences so far, at least 1.
        level: the confidence, above 0 and below 1.
        scale: c, above 0.
    """
    spread = 1 + seeds * scale**2
    ratio = (math.sqrt(spread) / (1 - level)) ** (2 / seeds)
    if seeds < 2 or ratio >= spread:
        return math.inf
    return math.sqrt((seeds - 1) * (ratio - 1) / (1 - ratio / spread) / seeds)


def bounds(differences: ArrayLike, level: float = 0.95) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The lower and the upper end after each number of seeds: what has been ruled out once stays so.

    Args:
        differences: shape (..., seeds) in the order in which they came, in any unit.
        level: the confidence, above 0 and below 1.

    Returns:
        two arrays of that shape: after 1, 2, … seeds; infinite while nothing is ruled out. Where equal differences
        show no spread, nothing is.
    """
    values = np.asarray(differences, dtype=np.float64)
    low, high = np.full_like(values, -np.inf), np.full_like(values, np.inf)
    for n in range(2, values.shape[-1] + 1):
        far = reach(n, level)
        spread = estimates.sd(values[..., :n])
        if math.isinf(far) or spread is None:
            continue
        middle = estimates.mean(values[..., :n])
        half = np.where(spread > 0, far * spread, np.inf)
        low[..., n - 1], high[..., n - 1] = middle - half, middle + half
    return np.maximum.accumulate(low, axis=-1), np.minimum.accumulate(high, axis=-1)


def sequence(differences: ArrayLike, level: float = 0.95) -> Interval | None:
    """The interval after all of the differences; None while nothing is ruled out.

    Args:
        differences: shape (seeds,) in the order in which they came, in any unit.
        level: the confidence, above 0 and below 1.
    """
    low, high = bounds(differences, level)
    if math.isinf(low[-1]):
        return None
    if low[-1] <= high[-1]:
        return Interval(float(low[-1]), float(high[-1]), level)
    middle = float(low[-1] + high[-1]) / 2  # what early seeds ruled out, late ones insist on: one of 1 / (1 − level)
    return Interval(middle, middle, level)


def p_value(differences: ArrayLike) -> float:
    """The p-value of "no difference" that holds however often one looks: 1 / E(0) where E was largest, at most 1.

    The sequence at a level excludes 0 exactly where this is below 1 − level. Where equal differences show no spread,
    and for one seed, it is 1.

    Args:
        differences: shape (seeds,) in the order in which they came, in any unit.

    Source: V. Vovk and R. Wang, E-values, Annals of Statistics 49, 2021.
    """
    values = np.asarray(differences, dtype=np.float64)
    seen = (_evidence(values[:n]) for n in range(2, values.size + 1))
    return min(1.0, math.exp(-max(seen, default=0.0)))


def _evidence(values: NDArray[np.float64]) -> float:
    """The logarithm of E(0), 0 where the values show no spread."""
    n, t = values.size, studentized(values)
    if t is None or not np.isfinite(t):
        return 0.0
    spread, ratio = 1 + n * SCALE**2, float(t) ** 2 / (n - 1)
    return (n * (math.log1p(ratio) - math.log1p(ratio / spread)) - math.log(spread)) / 2
