"""Is there a difference at all? Tests of paired differences, the last axis always the seed."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from normlab.stats import estimates

EXACT_UP_TO = 16
"""Seeds up to which every one of the 2ⁿ sign patterns is looked at."""
SAMPLED = 10_000
"""Sign patterns drawn beyond that."""
RANKED = 100
"""Seeds up to which the signed ranks' distribution is worked out."""


def t_test(differences: ArrayLike, value: float = 0.0) -> NDArray[np.float64]:
    """Two-sided p-value of the paired t test that the mean difference is `value`.

    Equal differences, which a few seeds have by the accident of counting whole images, show no spread and hence no
    evidence: p = 1. One seed likewise.

    Args:
        differences: shape (..., seeds), first − second, in any unit.
        value: the difference under the null hypothesis, in the same unit.

    Returns:
        shape (...), above 0 and at most 1.

    Source: Student, Biometrika 6, 1908.
    """
    from scipy.special import stdtr

    values = np.asarray(differences, dtype=np.float64)
    t = studentized(values, value)
    if t is None:
        return np.ones(values.shape[:-1])
    return np.asarray(np.where(np.isfinite(t), 2 * stdtr(values.shape[-1] - 1, -np.abs(t)), 1.0))


def studentized(differences: ArrayLike, value: float = 0.0) -> NDArray[np.float64] | None:
    """(d̄ − value) / (s / √n): NaN where all differences are equal; None for one seed.

    Args:
        differences: shape (..., seeds), in any unit.
        value: in the same unit.
    """
    values = np.asarray(differences, dtype=np.float64)
    spread = estimates.sd(values)
    if spread is None:
        return None
    error = spread / math.sqrt(values.shape[-1])
    off = estimates.mean(values) - value
    return np.asarray(np.divide(off, error, out=np.full_like(off, np.nan), where=error > 0))


def sign_flip(differences: ArrayLike, rng: np.random.Generator) -> float:
    """Two-sided p-value of the permutation test: if the arms were alike, each difference could as well be its negative.

    It assumes nothing else of their distribution. Exact up to `EXACT_UP_TO` seeds: the smallest p is then 2 / 2ⁿ, so
    five seeds can never fall below 0.05. Beyond, `SAMPLED` patterns are drawn and the observed one is counted in
    (B. Phipson and G. K. Smyth, Permutation p-values should never be zero, 2010).

    Args:
        differences: shape (seeds,), in any unit.
        rng: used where patterns are drawn.
    """
    values = np.asarray(differences, dtype=np.float64)
    if values.size == 1 or not values.any():
        return 1.0  # both signs are as far from 0
    scaled = values / np.abs(values).max()
    return _exact(scaled) if values.size <= EXACT_UP_TO else _drawn(scaled, rng)


def _exact(values: NDArray[np.float64]) -> float:
    """The share of all patterns of signs that are as far from 0."""
    from scipy.stats import permutation_test

    found = permutation_test(
        (values,),
        _size,
        permutation_type="samples",
        vectorized=True,
        n_resamples=2**EXACT_UP_TO,  # scipy looks at all patterns where there are no more
        alternative="greater",
    )
    return float(found.pvalue)


def _drawn(values: NDArray[np.float64], rng: np.random.Generator) -> float:
    signs = rng.choice([-1.0, 1.0], size=(SAMPLED, values.size))
    as_far = _size(signs * values, axis=-1) >= _size(values, axis=-1)
    return float((1 + as_far.sum()) / (1 + SAMPLED))


def wilcoxon(differences: ArrayLike) -> float:
    """Two-sided p-value of Wilcoxon's signed-rank test, exact up to `RANKED` seeds; 1 where nothing differs.

    Seeds without a difference are left out, and seeds that differ by the same share their ranks' mean.

    Args:
        differences: shape (seeds,), in any unit.

    Source: F. Wilcoxon, Biometrics Bulletin 1, 1945.
    """
    from scipy.stats import rankdata, wilcoxon

    values = np.asarray(differences, dtype=np.float64)
    values = values[values != 0]
    if not values.size:
        return 1.0
    if values.size > RANKED:
        return float(wilcoxon(values, method="approx").pvalue)
    ranks = (2 * rankdata(np.abs(values).round(10))).astype(np.int64)  # twice, so that means of two ranks are whole
    return _as_far(ranks, int(ranks[values > 0].sum()))


def _as_far(ranks: NDArray[np.int64], positive: int) -> float:
    """The share of all patterns of signs whose positive ranks sum up as far from the middle as these.

    By convolution: scipy looks at one pattern after another where ranks are tied, a third of a second for ten seeds.
    """
    whole = int(ranks.sum())
    shares = np.ones(1)
    for rank in ranks.tolist():
        shares = (np.pad(shares, (0, rank)) + np.pad(shares, (rank, 0))) / 2
    far = np.abs(2 * np.arange(whole + 1) - whole) >= abs(2 * positive - whole)
    return float(min(1.0, shares[far].sum()))


def _size(values: NDArray[np.float64], axis: int) -> NDArray[np.float64]:
    """How far the mean is from 0; rounded, so that patterns which are as far in whole images stay so in floats."""
    return np.asarray(np.abs(values.mean(axis=axis)).round(10))
