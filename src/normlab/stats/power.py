"""What a study of so many seeds can see, and how many it would take."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache, partial

import numpy as np
from numpy.typing import ArrayLike, NDArray

MOST = 1000
"""Seeds beyond which nobody is sent."""
PRECISE = 1e-9
"""Relative, of the effect that can be seen."""
STEPS = np.unique(np.r_[1:65, np.minimum(MOST, 64 * 1.05 ** np.arange(1, 58)).astype(int)])
"""Numbers of seeds that a range of them is looked for among: each up to 64, and then a twentieth more each time."""
NODES = 256
"""Points at which the distribution of the estimated spread is looked at."""


def detectable(sd: float, seeds: int, level: float = 0.95, power: float = 0.8) -> float | None:
    """The smallest true difference that the paired t test finds with probability `power`, in the unit of `sd`.

    By the noncentral t distribution: the δ with P(|t(n − 1, δ√n / sd)| > t-quantile) = `power`.

    Args:
        sd: of the paired differences, 0 or above.
        seeds: paired seeds; None is returned for fewer than 2.
        level: the confidence of the test, above 0 and below 1.
        power: above 0.05 and below 1.
    """
    if seeds < 2:
        return None
    return _found(seeds, level, power) * sd if sd else 0.0


def seeds_to_find(
    difference: float, sd: float, level: float = 0.95, power: float = 0.8, *, kept: float = 0.0
) -> int | None:
    """How many paired seeds the t test needs to find a true `difference` with probability `power`; None beyond `MOST`.

    Args:
        difference, sd: of the paired differences, in one unit; `sd` above 0.
        level, power: see `detectable`.
        kept: a standard error of the difference that stays however many seeds there are, in the unit of `sd`.
    """
    return first(lambda n: _power(abs(difference) / math.hypot(sd, kept * math.sqrt(n)), n, level) >= power)


def seeds_to_equate(difference: float, sd: float, margin: float, level: float = 0.95, power: float = 0.8) -> int | None:
    """How many paired seeds two one-sided tests need to show that a true `difference` lies within ±`margin`.

    None where it does not lie there, or beyond `MOST`.

    Args:
        difference, sd, margin: in one unit; `sd` and `margin` above 0.
        level, power: see `detectable`.
    """
    enough = partial(chance_to_equate, difference, sd, margin, level)
    return first(lambda n: bool(enough(n) >= power)) if abs(difference) < margin else None


def chance_to_equate(
    difference: ArrayLike, sd: ArrayLike, margin: float, level: float, seeds: ArrayLike
) -> NDArray[np.float64]:
    """The probability that both one-sided tests reject, so that a true `difference` is shown to lie within ±`margin`.

    By the normal approximation with t quantiles for the test (K. F. Phillips, J. Pharmacokinetics and Biopharmaceutics
    18, 1990).

    Args:
        difference, sd: of the paired differences, in the unit of `margin`; `sd` above 0.
        margin, level: see `seeds_to_equate`.
        seeds: paired ones, at least 2.

    Returns:
        0 to 1, of the shape that the three arrays have together.
    """
    from scipy.special import ndtr, stdtrit

    error = np.asarray(sd) / np.sqrt(seeds)
    room = margin / error - stdtrit(np.subtract(seeds, 1), level)
    off = np.asarray(difference) / error
    return np.asarray(np.maximum(0.0, ndtr(room - off) - ndtr(-room - off)))


def first(enough: Callable[[int], bool]) -> int | None:
    """The smallest number of seeds from 2 to `MOST` that is enough, where more are never worse."""
    if not enough(MOST):
        return None
    few, many = 1, MOST
    while many - few > 1:
        middle = (few + many) // 2
        few, many = (few, middle) if enough(middle) else (middle, many)
    return many


@cache
def _found(seeds: int, level: float, power: float) -> float:
    """The smallest effect that is found, in standard deviations: the same for all pairs of a study."""
    return _least(lambda effect: _power(effect, seeds, level) >= power)


def _least(enough: Callable[[float], bool]) -> float:
    """The smallest effect that is enough, by halves; importing scipy's search would take longer than all verdicts."""
    low, high = 0.0, 1.0
    while not enough(high):
        low, high = high, 2 * high
    while high - low > PRECISE * high:
        middle = (low + high) / 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return high


def _power(effect: float, seeds: int, level: float) -> float:
    """P(the two-sided t test rejects) for a true difference of `effect` standard deviations.

    The noncentral t distribution as its definition has it: a normal mean over an estimated spread, averaged over that
    spread's distribution at Gauss-Legendre nodes. scipy's own is NaN for many large effects.
    """
    from scipy.special import ndtr

    shift, (reach, weights) = effect * math.sqrt(seeds), _reaches(seeds, level)
    return min(1.0, float((ndtr(shift - reach) + ndtr(-shift - reach)) @ weights))


@cache
def _reaches(seeds: int, level: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """How far from zero the mean must lie at each node of the estimated spread, and the nodes' weights, 1 together."""
    from scipy.special import chdtri, stdtrit

    nodes, weights = _nodes()
    spread = np.sqrt(chdtri(seeds - 1, (1 + nodes) / 2) / (seeds - 1))
    return stdtrit(seeds - 1, (1 + level) / 2) * spread, weights / 2


@cache
def _nodes() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    return np.polynomial.legendre.leggauss(NODES)
