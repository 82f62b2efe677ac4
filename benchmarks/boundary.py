"""How many seeds does a boundary take until a pair is settled? By simulated pairs with normal differences.

    python benchmarks/boundary.py [--pairs 4000]

The first table is of single pairs whose differences are normal or not, at most 40 seeds and a margin of 0.1 points: how
often equal arms have a winner at any look, and arms that are a margin apart are equivalent. The second is of one pair
of three at 95 % with a standard deviation of 0.08 points: the mean number of seeds by the true difference in margins,
and the same false claims of a single pair.

The ways: intervals alone, also for "equivalent"; one-sided bounds for it; and those where the last seed is named from
the start, with what is kept back for whoever takes others. Each for some scales c of the effects that are bet on.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from normlab.stats import ceiling, evidence, one_sided
from normlab.stats.difference import t_test
from normlab.stats.equivalence import tost
from normlab.stats.estimates import mean
from normlab.stats.looks import Looks
from normlab.stats.multiplicity import bonferroni
from normlab.stats.verdict import Kind, Rules, decide, decide_by_interval, over_time

SCALES = (1.0, 1.3, 2.0)
DIFFERENCES = (0.0, 0.5, 1.0, 2.0, 3.0)
SD, PAIRS, MOST, FIXED = 0.08, 3, 40, 10

Kinds = NDArray[np.str_]


def intervals(values: NDArray[np.float64], pairs: int) -> Kinds:
    """By the two-sided sequence alone, without an end."""
    rules = Rules(looks=Looks.always)
    differs, _ = over_time(values, bonferroni(rules.confidence, pairs), rules)
    return decide_by_interval(differs, differs, rules)


def bounds(values: NDArray[np.float64], pairs: int) -> Kinds:
    """One-sided for "equivalent", without an end."""
    return _said(values, pairs, Rules(looks=Looks.always))


def to_the_last(values: NDArray[np.float64], pairs: int) -> Kinds:
    """The same up to a last seed."""
    return _said(values, pairs, Rules(looks=Looks.up_to, most=MOST))


def _said(values: NDArray[np.float64], pairs: int, rules: Rules) -> Kinds:
    return decide_by_interval(*over_time(values, bonferroni(rules.confidence, pairs), rules), rules)


WAYS: dict[str, Callable[[NDArray[np.float64], int], Kinds]] = {
    "intervals": intervals,
    "one-sided": bounds,
    "last seed named": to_the_last,
}


def taken(kinds: Kinds) -> float:
    """Seeds until it is settled, in the mean."""
    settled = kinds != Kind.open
    return float(np.where(settled.any(axis=1), settled.argmax(axis=1) + 1, MOST).mean())


SHAPES: dict[str, Callable[[np.random.Generator, tuple[int, int]], NDArray[np.float64]]] = {
    "normal": lambda rng, shape: SD * rng.standard_normal(shape),
    "Student, 3": lambda rng, shape: SD * rng.standard_t(3, shape) / np.sqrt(3),
    "exponential, both arms": lambda rng, shape: SD * np.subtract(*rng.exponential(1, (2, *shape))) / np.sqrt(2),
    "exponential, one arm": lambda rng, shape: SD * (rng.exponential(1, shape) - 1),
    "2 and 2 errors of 10,000": lambda rng, shape: 0.01 * np.subtract(*rng.poisson(2, (2, *shape))),
    "11 and 1 errors of 10,000": lambda rng, shape: 0.01 * (rng.poisson(11, shape) - rng.poisson(1, shape) - 10),
}
"""Differences in points, of mean 0."""


def at_once(values: NDArray[np.float64], pairs: int) -> Kinds:
    """By t tests and TOST on ten seeds, which were fixed beforehand; a single pair."""
    rules, seeds = Rules(), values[:, :FIXED]
    assert pairs == 1  # noqa: S101 - nothing is corrected for
    return decide(t_test(seeds), tost(seeds, rules.margin), mean(seeds), rules)[:, None]


def false(way: Callable[[NDArray[np.float64], int], Kinds], noise: NDArray[np.float64]) -> tuple[float, float]:
    """In percent of single pairs: a winner of equal arms, and equivalence of arms a margin apart, this way or that."""
    margin = Rules().margin
    won = np.isin(way(noise, 1), (Kind.better, Kind.worse)).any(axis=1).mean()
    equated = max((way(noise + off, 1) == Kind.equivalent).any(axis=1).mean() for off in (margin, -margin))
    return 100 * float(won), 100 * float(equated)


def boundaries(pairs: int) -> None:
    """Print a line for each scale and way."""
    noise, margin = SD * np.random.default_rng(0).standard_normal((pairs, MOST)), Rules().margin
    differences = "  ".join(f"{each:4g}" for each in DIFFERENCES)
    print(f"  c  way               seeds at {differences}     winner  equal, %")
    for scale in SCALES:
        evidence.SCALE = scale
        for known in (ceiling.enough, ceiling._paths, one_sided.reach):
            known.cache_clear()
        for name, way in WAYS.items():
            seeds = "  ".join(f"{taken(way(noise + each * margin, PAIRS)):4.1f}" for each in DIFFERENCES)
            won, equated = false(way, noise)
            print(f"{scale:3g}  {name:<24}  {seeds}   {won:8.1f}  {equated:8.1f}")


def shapes(pairs: int) -> None:
    """Print a line for each distribution."""
    ways = {f"{FIXED} seeds": at_once, **WAYS}
    print("\nfalse winner, false equivalence, %" + "".join(f"{name:>20}" for name in ways))
    for name, shape in SHAPES.items():
        noise = shape(np.random.default_rng(1), (pairs, MOST))
        cells = (false(way, noise) for way in ways.values())
        print(f"{name:<34}" + "".join(f"{won:13.1f}  {equated:5.1f}" for won, equated in cells))


def main() -> None:
    """Both tables."""
    parser = argparse.ArgumentParser(description="How many seeds does a boundary take, and how often is it wrong?")
    parser.add_argument("--pairs", type=int, default=4000)
    pairs, usual = parser.parse_args().pairs, evidence.SCALE
    shapes(pairs)
    boundaries(pairs)
    evidence.SCALE = usual


if __name__ == "__main__":
    main()
