"""Intervals that stay true however often one looks, so that a study may stop as soon as it is settled.

A t interval holds for a number of seeds fixed beforehand: whoever looks after every seed and stops at the first
interval without 0 is wrong far more often than stated. A confidence sequence holds at all numbers of seeds at once,

    P(the mean lies in the interval after n seeds, for every n) ≥ level,

for differences that are normal with any spread. It leaves out every mean against which the likelihood ratio E of
`stats.evidence` says enough: if "the mean difference is μ" is so, that happens ever with at most probability 1 − level
(`stats.ceiling`), over all numbers of seeds, or up to a last one that was named from the start.

Sources: T. L. Lai, Annals of Statistics 4, 1976; H. Wang and A. Ramdas, Anytime-valid t-tests and confidence
sequences for Gaussian means with unknown variance, arXiv 2310.03722.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from normlab.stats import ceiling, estimates, evidence
from normlab.stats.difference import studentized
from normlab.stats.intervals import Interval

Ends = tuple[NDArray[np.float64], NDArray[np.float64]]
"""The lower and the upper ends of intervals, of one shape."""


def reach(seeds: int, level: float, most: int | None = None) -> float:
    """How many standard deviations of the differences the interval reaches to each side; infinite for few seeds.

    Args:
        seeds: paired differences so far, at least 1 and at most `most`.
        level: the confidence, above 0 and below 1.
        most: the last number of seeds, where it was named from the start.
    """
    return evidence.distance(ceiling.enough(level, most), seeds)


def bounds(differences: ArrayLike, level: float = 0.95, most: int | None = None) -> Ends:
    """The lower and the upper end after each number of seeds: what has been ruled out once stays so.

    Args:
        differences: shape (..., seeds) in the order in which they came, in any unit.
        level: the confidence, above 0 and below 1.
        most: see `reach`.

    Returns:
        two arrays of that shape: after 1, 2, … seeds; infinite while nothing is ruled out. Where equal differences
        show no spread, nothing is.
    """
    return moving(differences, lambda seeds: reach(seeds, level, most))


def sequence(differences: ArrayLike, level: float = 0.95, most: int | None = None) -> Interval | None:
    """The interval after all differences of one pair; None while nothing is ruled out. Arguments as `bounds`."""
    return between(bounds(differences, level, most), level)


def moving(differences: ArrayLike, far: Callable[[int], float]) -> Ends:
    """As `bounds`, of intervals that reach `far` to each side after some seeds, in standard deviations."""
    values = np.asarray(differences, dtype=np.float64)
    low, high = np.full_like(values, -np.inf), np.full_like(values, np.inf)
    for n in range(2, values.shape[-1] + 1):
        reaches, spread = far(n), estimates.sd(values[..., :n])
        if math.isinf(reaches) or spread is None:
            continue
        middle, half = estimates.mean(values[..., :n]), np.where(spread > 0, reaches * spread, np.inf)
        low[..., n - 1] = middle - half
        high[..., n - 1] = middle + half
    return np.maximum.accumulate(low, axis=-1), np.minimum.accumulate(high, axis=-1)


def between(ends: Ends, level: float) -> Interval | None:
    """The last of the intervals that `bounds` gives for one pair, at `level`; None while nothing is ruled out."""
    low, high = float(ends[0][-1]), float(ends[1][-1])
    if math.isinf(low):
        return None
    if low <= high:
        return Interval(low, high, level)
    middle = (low + high) / 2  # what early seeds ruled out, late ones insist on: one of 1 / (1 − level)
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
    return float(evidence.two_sided(t, n))
