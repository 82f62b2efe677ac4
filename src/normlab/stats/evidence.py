"""What differences say against a mean: the likelihood ratio of their t statistic, two-sided and one-sided.

Under "the mean difference is μ" stands no effect, against it an effect size drawn from Normal(0, c²):

    E(t) = N^(−1/2) · ((1 + t²/ν) / (1 + t²/(νN)))^(n/2),   ν = n − 1,  N = 1 + n·c²,  t = (d̄ − μ)√n / s.

Against "the mean is μ, or lies on its far side" stands an effect size drawn from the half of Normal(0, c²) on the near
side. Its likelihood ratio is E times how likely the effect is to have that sign once t is known, and times two for the
half that bets nothing:

    E₁(t) = E(t) · 2·P(T ≤ τ),   τ = t·√(n·(1 − 1/N) / (ν + t²/N)),   T from Student's t with n degrees of freedom,

with t > 0 on the near side. Where the mean is μ, both are 1 on average whenever one stops. On the near side E₁ is
between E and 2·E, and it rises with t.

Sources: T. L. Lai, Annals of Statistics 4, 1976; J. Rouder et al., Psychonomic Bulletin 16, 2009; R. D. Morey and
J. N. Rouder, Psychological Methods 16, 2011, for half of a prior. E₁ follows from
∫₀^∞ exp(−a·d²)·d·₁F₁((n + 1)/2; 3/2; b·d²) dd = ₂F₁((n + 1)/2, 1; 3/2; b/a) / 2a (NIST Digital Library of
Mathematical Functions, 13.10.3), an incomplete beta function.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

SCALE = 1.3
"""c: the effect sizes, in standard deviations of the paired differences, that seeds settle soonest."""


def spread(seeds: int) -> float:
    """N, by how much an effect drawn at random widens the distribution of the mean of so many differences."""
    return 1 + seeds * SCALE**2


def two_sided(t: ArrayLike, seeds: int) -> Floats:
    """The logarithm of E, of any shape; `seeds` is at least 2."""
    squared, wide = np.square(np.asarray(t, dtype=np.float64)) / (seeds - 1), spread(seeds)
    return np.asarray((np.log1p(squared) - np.log1p(squared / wide)) * seeds / 2 - math.log(wide) / 2)


def one_sided(of_both: ArrayLike, seeds: int) -> Floats:
    """The logarithm of E₁ on the near side, where that of E is `of_both`, at least −log(N) / 2: there t is 0."""
    from scipy.special import stdtr

    known = np.asarray(of_both, dtype=np.float64)
    odds = np.maximum(np.expm1((2 * known + math.log(spread(seeds))) / seeds), 0)  # τ² / n
    return np.asarray(known + np.log(2 * stdtr(seeds, np.sqrt(seeds * odds))))


def distance(evidence: float, seeds: int) -> float:
    """How many standard deviations the mean lies from a μ that log E says so much against; infinite where nothing can.

    Args:
        evidence: at least −log(N) / 2.
        seeds: at least 1.
    """
    wide = spread(seeds)
    ratio = (2 * evidence + math.log(wide)) / seeds  # its logarithm
    if seeds < 2 or ratio >= math.log(wide):
        return math.inf
    return math.sqrt((seeds - 1) * math.expm1(ratio) / (1 - math.exp(ratio) / wide) / seeds)
