"""How much evidence is enough, where seeds end at a number that was named from the start.

A ratio E whose mean is 1 reaches 1/α ever with at most probability α (Ville's inequality), which allows for whoever
goes on for ever. Up to a number of seeds the same error needs less: the k with

    P(E ≥ k after any number of seeds up to the last) = α      where the mean is μ.

By the mixture Q that E is the ratio of, that is the mean of 1/E at the first look at which E ≥ k, and of 0 where there
is none: so a few thousand draws from Q, in most of which it happens, know a small α to a hundredth of it, as draws
without an effect could not. E depends on t alone, so that one k serves every spread; that differences are normal is
assumed here as it is by E.

Sources: D. Siegmund, Annals of Statistics 4, 1976, for the mean of 1/E; S. J. Pocock, Biometrika 64, 1977, for one
boundary at all looks up to a last one.
"""

from __future__ import annotations

import math
from functools import cache, lru_cache

import numpy as np

from normlab.stats import evidence
from normlab.stats.evidence import Floats

VALUES, FEWEST, MANY = 2**19, 2000, 2**14
"""Differences that are drawn in all, and the studies that there are at least and at most: 13,107 of 40 seeds."""
ENTROPY = 2029
"""Where they come from, so that the same study has the same boundary."""


@cache
def enough(level: float, most: int | None, *, one_sided: bool = False) -> float:
    """The logarithm of k, at most log(1 / (1 − level)), which it is where nobody has named a last seed.

    Args:
        level: 1 − α, above 0 and below 1.
        most: the seeds that were named, at least 1.
        one_sided: whether the ratio is E₁.
    """
    from scipy.optimize import brentq

    ever = -math.log(1 - level)
    if most is None or most < 2:
        return ever
    paths = _paths(most, one_sided)
    if _chance(paths, 0.0) <= 1 - level:
        return 0.0
    return float(brentq(lambda enough: _chance(paths, enough) - (1 - level), 0.0, ever, xtol=1e-6))


def _chance(paths: Floats, enough: float) -> float:
    """That evidence without an effect is ever enough."""
    reached = paths >= enough
    at = paths[np.arange(len(paths)), reached.argmax(axis=1)]
    return float(np.mean(np.where(reached.any(axis=1), np.exp(-at), 0.0)))


@lru_cache(maxsize=4)
def _paths(most: int, one_sided: bool) -> Floats:
    """Logarithms of the ratio after 2, 3, … seeds, of studies drawn from the mixture: (studies, most − 1)."""
    rng, studies = np.random.default_rng([ENTROPY, one_sided]), min(MANY, max(FEWEST, VALUES // most))
    effects = evidence.SCALE * rng.standard_normal((studies, 1))
    values = (np.abs(effects) if one_sided else effects) + rng.standard_normal((studies, most))
    sums, squares = values.cumsum(axis=1), np.square(values).cumsum(axis=1)
    found = [_ratio(sums[:, n - 1], squares[:, n - 1], n, one_sided=one_sided) for n in range(2, most + 1)]
    return np.stack(found, axis=1)


def _ratio(sums: Floats, squares: Floats, seeds: int, *, one_sided: bool) -> Floats:
    means = sums / seeds
    sd = np.sqrt((squares - seeds * np.square(means)) / (seeds - 1))
    of_both = evidence.two_sided(means * math.sqrt(seeds) / sd, seeds)
    # On the far side E₁ is less than where t is 0, and there it is less than 1.
    return np.where(means > 0, evidence.one_sided(of_both, seeds), -np.inf) if one_sided else of_both
