"""What a few seeds leave open about a pair, and the range of what follows from it.

Of n differences with mean d̄ and standard deviation s, the true spread σ and difference δ may be

    σ² = (n − 1)·s² / χ²(n − 1),   δ = d̄ + σ·z / √n,   z from Normal(0, 1)

for normal differences and the usual reference prior 1 / σ, by which Student's interval of δ holds. What takes so many
seeds for one of these takes fewer for another: a range leaves out the `BEYOND` that take most, and some that take
fewest.

Source: A. Gelman et al., Bayesian Data Analysis, 3rd edition, 2013, section 3.2.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

BEYOND = 0.075
"""Of all that may be so, above a range, and below it too: then four of five hold where the truth is least favourable, a
difference of half the margin (`normlab calibrate`)."""
DRAWS = 1000
"""Of what may be so."""
ENTROPY = 2026
"""Where all draws come from, so that the same differences have the same ranges."""


@dataclass(frozen=True)
class Range:
    """Numbers of seeds, from `low` to `high`; None where `high` is beyond `power.MOST`, and both where `low` is."""

    low: int | None
    high: int | None


def possible(seeds: int, mean: float, sd: float) -> tuple[Floats, Floats]:
    """True differences and spreads as far as some seeds leave them open, `DRAWS` of each.

    Args:
        seeds: paired differences, at least 2.
        mean, sd: theirs, in one unit; `sd` above 0.
    """
    spreads = sd * _wider(seeds)
    return mean + spreads * _off() / math.sqrt(seeds), spreads


def middle(needed: Floats, below: float = BEYOND) -> Range:
    """The range of numbers of seeds.

    Args:
        needed: one of each draw; infinite where no number does.
        below: the share of them that may lie below the range, 0 to 1.
    """
    rising = np.sort(needed)
    first, last = round(below * len(rising)), round((1 - BEYOND) * len(rising)) - 1
    return Range(whole(rising[first]), whole(rising[last]))


def whole(seeds: float) -> int | None:
    """A number of seeds; None for infinitely many."""
    return int(seeds) if math.isfinite(seeds) else None


@cache
def _wider(seeds: int) -> Floats:
    """How many times as wide as observed the true spread may be."""
    squares = np.random.default_rng([ENTROPY, seeds]).chisquare(seeds - 1, DRAWS)  # seeds are 2 at least
    return np.sqrt((seeds - 1) / squares)


@cache
def _off() -> Floats:
    """By how many standard errors the mean may lie off the true difference."""
    return np.random.default_rng([ENTROPY, 0]).standard_normal(DRAWS)
