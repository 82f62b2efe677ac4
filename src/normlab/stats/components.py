"""Where the variance between seeds comes from, when one source of it is varied at a time.

With the score Y of a run a function of independent sources, runs in which source x alone follows the seed have the
variance V_x = Var(Y | all others held), and ordinary runs V = Var(Y). Averaged over where the others are held, V_x is
the total effect of x: what it brings alone, and with others together. So Σ V_x = V where sources add up, and Σ V_x > V
where they interact; a network that any small change sends another way has V_x ≈ V for every x.

Pairing two arms by seed takes away what their scores have in common:

    removed = 1 − Var(a − b) / (Var a + Var b) = 2·Cov(a, b) / (Var a + Var b)

All intervals are jackknives over seeds on scales where they are about symmetric: log V, log(V_x / V), log(Σ V_x / V),
and log(Var(a + b) / Var(a − b)), of which `removed` is the hyperbolic tangent of a half.

Sources: X. Bouthillier et al., Accounting for variance in machine learning benchmarks, MLSys 2021, arXiv 2103.03098;
T. Homma and A. Saltelli, Importance measures in global sensitivity analysis, Reliability Engineering & System Safety
52, 1996 (total effects); C. Summers and M. J. Dinneen, Nondeterminism and instability in neural network optimization,
ICML 2021, arXiv 2103.04514 (each source by itself brings about as much as all).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from normlab.stats.intervals import Interval
from normlab.stats.jackknife import jackknife

FEWEST = 5
"""Seeds from which anything is said of a component: intervals on fewer reach over orders of magnitude."""


@dataclass(frozen=True)
class Part:
    """A number and where it lies; None where no interval can be made, as of scores that are all the same."""

    value: float
    interval: Interval | None


def spread(scores: ArrayLike, level: float = 0.95) -> Part | None:
    """The standard deviation over seeds.

    Args:
        scores: shape (seeds,), in any unit.
        level: the confidence of the interval.

    Returns:
        in the same unit; None for one seed.
    """
    values = np.asarray(scores, dtype=np.float64).reshape(1, -1)
    if values.shape[-1] < 2:
        return None
    return Part(math.sqrt(_variance(values[0])), _moved(jackknife(values, _log_ratio(1), level), _root))


def share(sources: ArrayLike, total: ArrayLike, level: float = 0.95) -> Part | None:
    """How much of the total variance some sources have, each of them alone: Σ V_x / V.

    Args:
        sources: shape (sources, seeds), the scores in which each alone follows the seed.
        total: shape (seeds,), those in which all do, on the same seeds.
        level: the confidence of the interval.

    Returns:
        from 0 on, 1 is all of it; None for one seed, and where the total does not vary.
    """
    several = np.asarray(sources, dtype=np.float64).reshape(-1, np.size(total))
    values = np.vstack([several, np.asarray(total, dtype=np.float64)])
    if values.shape[-1] < 2 or not _variance(values[-1]):
        return None
    parts = len(values) - 1
    ratio = sum(map(_variance, values[:-1])) / _variance(values[-1])
    return Part(ratio, _moved(jackknife(values, _log_ratio(parts), level), math.exp))


def removed(first: ArrayLike, second: ArrayLike, level: float = 0.95) -> Part | None:
    """How much of the variance of a difference pairing by seed removes, see above.

    Args:
        first, second: shape (seeds,), the scores of two arms on the same seeds.
        level: the confidence of the interval.

    Returns:
        −1 to 1: 0 where scores have nothing in common, negative where pairing adds; None for one seed, and where
        neither arm varies.
    """
    values = np.array([first, second], dtype=np.float64)
    if values.shape[-1] < 2 or not sum(map(_variance, values)):
        return None
    ratio = 1 - _variance(values[0] - values[1]) / sum(map(_variance, values))
    return Part(ratio, _moved(jackknife(values, _log_sum_by_difference, level), lambda x: math.tanh(x / 2)))


def correlation(first: ArrayLike, second: ArrayLike) -> float | None:
    """Pearson's, −1 to 1, of two arms' scores on the same seeds; None where one of them does not vary."""
    values: NDArray[np.float64] = np.array([first, second], dtype=np.float64)
    if values.shape[-1] < 2 or not all(map(_variance, values)):
        return None
    return float(np.corrcoef(values[0], values[1])[0, 1])


def leader(sources: Sequence[ArrayLike], level: float = 0.95) -> int | None:
    """Which source has the most variance, where that is beyond doubt.

    The largest has to have more than each of the k − 1 others by log(V_x / V_y), one-sided at (1 − `level`) / (k − 1):
    to be named wrongly, one of k − 1 has to be found to have more than the one that has most, so that happens in at
    most 1 − `level` of studies.

    Args:
        sources: shape (sources, seeds), two or more, on the same seeds.
        level: the confidence.

    Returns:
        its place; None where some other may have as much.
    """
    values = np.asarray(sources, dtype=np.float64)
    most = int(np.argmax([_variance(row) for row in values]))
    one_sided = (1 - level) / (len(values) - 1)
    for other, row in enumerate(values):
        if other == most or not _variance(row):
            continue
        found = share(values[most], row, 1 - 2 * one_sided)
        if found is None or found.interval is None or found.interval.low <= 1:
            return None
    return most if _variance(values[most]) else None


def of_images(right: float, images: int) -> float:
    """√(p(1 − p) / n): how far a share of right images would scatter on other images of the same kind, by itself.

    Args:
        right: the share p, 0 to 1.
        images: how many there are, n.

    Source: K. Jordan, Calibrated chaos: variance between runs of neural network training is harmless and inevitable,
    arXiv 2304.01910.
    """
    return math.sqrt(right * (1 - right) / images)


def _variance(scores: NDArray[np.float64]) -> float:
    """Exactly 0 for equal scores."""
    return float((scores - scores[:1]).var(ddof=1))


def _log(value: float) -> float:
    return math.log(value) if value > 0 else -math.inf


def _log_ratio(parts: int) -> Callable[[NDArray[np.float64]], float]:
    """Of the first rows' variances together to that of the row behind them, or to 1 where there is none."""

    def of(scores: NDArray[np.float64]) -> float:
        below = _log(_variance(scores[parts])) if len(scores) > parts else 0.0
        return _log(sum(map(_variance, scores[:parts]))) - below

    return of


def _log_sum_by_difference(scores: NDArray[np.float64]) -> float:
    return _log(_variance(scores[0] + scores[1])) - _log(_variance(scores[0] - scores[1]))


def _root(log_variance: float) -> float:
    return math.exp(log_variance / 2)


def _moved(interval: Interval | None, scale: Callable[[float], float]) -> Interval | None:
    """Its ends on another, rising scale; what is too large for it is infinite."""
    if interval is None:
        return None
    low, high = (scale(min(end, LARGEST)) for end in (interval.low, interval.high))
    return Interval(low, high, interval.level)


LARGEST = 300.0
"""A logarithm beyond which a ratio is as good as infinite."""
