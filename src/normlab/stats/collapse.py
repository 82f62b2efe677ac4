"""Which runs of an arm collapsed: those whose scores lie far below all others that the arm has.

A run that starts dead, or diverges and recovers, says something else of its arm than the runs that learn: how often it
fails, not how good it is. One such run in ten makes a mixture of the arm's scores, which no test of means is made for.

The scores are split into the k lowest and the m others, for every k up to half of them. The k collapsed if two things
hold. They lie further below the lowest of the others than the others lie apart, which they seldom do in scores that are
skewed or have heavy tails. And t is too large for k scores drawn from where the others come from:

    t = (mean of the others − mean of the k) / (s·√(1/k + 1/m))

It has Student's distribution for any k seeds named beforehand, both where s is the spread of the others alone (m − 1
degrees of freedom), which finds losses of any size, and where it is that within the two groups (k + m − 2), which finds
several of one size. By Bonferroni's inequality over both, over k, and over all C(n, k) sets of k seeds, an arm of
normal scores has a collapse told with at most probability `CHANCE`. The split that is least likely counts, so that
several collapses do not hide each other.

Sources: after G. L. Tietjen and R. H. Moore, Technometrics 14, 1972; D. M. Hawkins, Identification of Outliers, 1980,
chapter 5. `normlab calibrate` has what it finds, what it misses, and what it costs.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

CHANCE = 0.02
"""With which an arm whose runs are all of one kind is told to have collapsed somewhere, at most."""


def collapsed(scores: ArrayLike, least: float = 0.0) -> NDArray[np.bool_]:
    """Which runs of each arm collapsed; of fewer than three, and where the others are equal, nothing is told.

    Args:
        scores: shape (..., seeds), higher being better, in any unit; the order of the seeds plays no part.
        least: how far below the mean of the others a collapsed run is at least, 0 or above, in the same unit.

    Returns:
        of the same shape; true in at most half of an arm's seeds.
    """
    values = np.asarray(scores, dtype=np.float64)
    order = np.argsort(values, axis=-1, kind="stable")
    rising = np.take_along_axis(values, order, axis=-1)
    lowest = _lowest(rising, least) if values.shape[-1] > 2 else np.zeros(values.shape[:-1], dtype=np.int64)
    return np.asarray(np.argsort(order, axis=-1, kind="stable") < lowest[..., None])


def _lowest(rising: Floats, least: float) -> NDArray[np.int64]:
    """How many of the lowest scores collapsed: (..., seeds) to (...)."""
    n = rising.shape[-1]
    k = np.arange(1, min(n // 2, n - 2) + 1)
    # From the highest score down, so that equal ones are 0 and have no spread, also in floats.
    below, spread_below = (part[..., : k.size] for part in _first(rising - rising[..., -1:]))
    others, spread = (part[..., n - k - 1] for part in _first((rising - rising[..., -1:])[..., ::-1]))
    chance = _chance(others - below, spread, spread + spread_below, k, n)
    apart = rising[..., k] - rising[..., k - 1] > rising[..., -1:] - rising[..., k]
    far = others - (rising - rising[..., -1:])[..., : k.size] > least
    told = (chance <= np.log(CHANCE)) & apart & far & (spread > 0)
    likeliest = np.where(told, chance, np.inf).argmin(axis=-1) + 1
    return np.where(told.any(axis=-1), likeliest, 0)


def _first(values: Floats) -> tuple[Floats, Floats]:
    """Of the first 1, 2, … values: their mean, and the sum of squared distances from it."""
    total, count = np.cumsum(values, axis=-1), np.arange(1, values.shape[-1] + 1)
    return total / count, np.maximum(np.cumsum(values**2, axis=-1) - total**2 / count, 0)


def _chance(gap: Floats, alone: Floats, both: Floats, k: NDArray[np.int64], n: int) -> Floats:
    """The logarithm of the corrected p-value of each split; `alone` and `both` are sums of squares."""
    from scipy.special import gammaln, stdtr

    m = n - k
    scale = np.sqrt(1 / k + 1 / m)
    sets = gammaln(n + 1) - gammaln(k + 1) - gammaln(m + 1)
    with np.errstate(divide="ignore", invalid="ignore"):  # no spread, and p-values that are 0 in floats
        t, pooled = gap / (np.sqrt(alone / (m - 1)) * scale), gap / (np.sqrt(both / (n - 2)) * scale)
        tail = np.fmin(stdtr(m - 1, -t), stdtr(n - 2, -pooled))
        return np.asarray(np.log(tail) + np.log(2 * k.size) + sets)
