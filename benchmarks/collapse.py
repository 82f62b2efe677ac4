"""Which test of paired differences stands runs that collapse? By simulated pairs of arms, drawn from the packaged pool.

    python benchmarks/collapse.py [--pairs 10000]

Each line has the claims of one way of testing on pairs of which one arm loses a point in a share of its runs: false
winners of arms that are equal where they do not collapse, false equivalences of arms that are a margin apart there,
intervals that hold, and what is found: equal arms called equivalent, and the better one better. 95.5 %, one pair.

The second table is of arms without a collapse whose scores are not normal: how often an arm is told to have one all the
same, and what that does to claims.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

from normlab.calibration import pool
from normlab.calibration.contaminated import Case, pairs, sound
from normlab.stats.collapse import collapsed
from normlab.stats.equivalence import MARGIN

Floats = NDArray[np.float64]
Ends = tuple[Floats, Floats]
Way = Callable[[Floats, float], tuple[Floats, Floats]]
"""Scores (pairs, 2, seeds) and a one-sided error to the ends of intervals: below, above."""

ERROR = 0.045
OUTLYING = {5: 13.9, 10: 6.0, 20: 4.7}
"""Median absolute deviations below the median that one in a hundred arms of normal scores has a run at."""


def student(differences: Floats, on: NDArray[np.bool_], tail: float) -> Ends:
    """Student's interval on some seeds."""
    count = np.maximum(on.sum(-1), 1)
    mean = np.where(on, differences, 0).sum(-1) / count
    square = np.where(on, (differences - mean[:, None]) ** 2, 0).sum(-1) / np.maximum(count - 1, 1)
    reach = stdtrit(np.maximum(count - 1, 1), 1 - tail) * np.sqrt(square / count)
    reach = np.where((count > 1) & (square > 0), reach, np.inf)
    return mean - reach, mean + reach


def all_runs(scores: Floats, tail: float) -> Ends:
    """Student's t test on all seeds."""
    differences = scores[:, 0] - scores[:, 1]
    return student(differences, np.ones(differences.shape, bool), tail)


def hodges_lehmann(scores: Floats, tail: float) -> Ends:
    """Ordered means of two differences, cut off where the signed ranks' distribution over all sign patterns says."""
    differences = scores[:, 0] - scores[:, 1]
    n = differences.shape[-1]
    first, second = np.triu_indices(n)
    means = np.sort((differences[:, first] + differences[:, second]) / 2, axis=-1)
    ranks = np.ones(1)
    for rank in range(1, n + 1):
        ranks = (np.pad(ranks, (0, rank)) + np.pad(ranks, (rank, 0))) / 2
    cut = int(np.searchsorted(np.cumsum(ranks), tail, "right"))
    if not cut:
        return np.full(len(means), -np.inf), np.full(len(means), np.inf)
    return means[:, cut - 1], means[:, -cut]


def trimmed(scores: Floats, tail: float) -> Ends:
    """Tukey and McLaughlin's interval of the mean without a fifth at each end."""
    differences = np.sort(scores[:, 0] - scores[:, 1], axis=-1)
    n = differences.shape[-1]
    cut = n // 5
    middle = differences[:, cut : n - cut].mean(-1)
    spread = np.clip(differences, differences[:, [cut]], differences[:, [n - cut - 1]]).std(-1, ddof=1)
    reach = stdtrit(n - 2 * cut - 1, 1 - tail) * spread / ((1 - 2 * cut / n) * np.sqrt(n))
    return middle - reach, middle + reach


def by_median(scores: Floats, tail: float) -> Ends:
    """Student's on seeds on which no run lies too many median absolute deviations below its arm's median."""
    middle = np.median(scores, axis=-1, keepdims=True)
    spread = 1.4826 * np.median(np.abs(scores - middle), axis=-1, keepdims=True)
    low = (scores < middle - OUTLYING[scores.shape[-1]] * spread) & (scores < middle - MARGIN)
    return student(scores[:, 0] - scores[:, 1], sound(low), tail)


def told_apart(scores: Floats, tail: float) -> Ends:
    """Student's on seeds on which neither arm is told to have collapsed: what verdicts use."""
    return student(scores[:, 0] - scores[:, 1], sound(collapsed(scores, MARGIN)), tail)


WAYS: dict[str, Way] = {
    "t, all seeds": all_runs,
    "Hodges-Lehmann": hodges_lehmann,
    "trimmed, 20 %": trimmed,
    "t, by median": by_median,
    "t, told apart": told_apart,
}


SHAPES: dict[str, Callable[[np.random.Generator, tuple[int, ...]], Floats]] = {
    "normal": lambda rng, shape: rng.standard_normal(shape),
    "Student, 3": lambda rng, shape: rng.standard_t(3, shape) / np.sqrt(3),
    "gamma, 4, lower tail": lambda rng, shape: (4 - rng.gamma(4, 1, shape)) / 2,
    "exponential, lower tail": lambda rng, shape: 1 - rng.exponential(1, shape),
    "8 errors of 10,000": lambda rng, shape: (8 - rng.poisson(8, shape)) / 5.8,
    "2 errors of 200": lambda rng, shape: (2 - rng.binomial(200, 0.01, shape)) / 0.116,
}
"""Scores in standard deviations of the pool, or in points where errors are counted."""


def figures(way: Way, scores: Floats) -> list[float]:
    """Shares of pairs, in percent."""
    low, high = way(scores, ERROR / 2)
    within = way(scores, ERROR)
    excluded, inside = (low > 0) | (high < 0), _inside(within, 0.0)
    apart = _inside(within, MARGIN)
    shares = (excluded & ~inside, apart, ~excluded, inside, (low + MARGIN > 0) & ~apart)
    return [100 * float(share.mean()) for share in shares]


def _inside(ends: Ends, off: float) -> NDArray[np.bool_]:
    return np.asarray((ends[0] + off > -MARGIN) & (ends[1] + off < MARGIN))


def main() -> None:
    """Print a table for each number of seeds and share."""
    parser = argparse.ArgumentParser(description="Which test of paired differences stands runs that collapse?")
    parser.add_argument("--pairs", type=int, default=10_000)
    count, drawn = parser.parse_args().pairs, pool.packaged()
    print("seeds  collapse  way             winner  equivalent  holds  finds equal  finds better")
    for seeds in OUTLYING:
        for share in (0.0, 0.05, 0.1, 0.2):
            scores = pairs(drawn, seeds, count, Case(share, 1.0), np.random.default_rng(0)).scores
            for name, way in WAYS.items():
                cells = "  ".join(f"{value:9.1f}" for value in figures(way, scores))
                print(f"{seeds:5}  {share:8.0%}  {name:<14}{cells}")
    print("\nseeds  scores                    told of an arm, %    winner, before, now    equivalent    holds")
    for name, shape in SHAPES.items():
        for seeds in OUTLYING:
            scores = 99.43 + 0.058 * shape(np.random.default_rng(0), (count, 2, seeds))
            before, now = figures(all_runs, scores), figures(told_apart, scores)
            told = 100 * collapsed(scores, MARGIN).any(axis=-1).mean()
            cells = "    ".join(f"{one:5.1f} {other:5.1f}" for one, other in zip(before[:3], now[:3], strict=True))
            print(f"{seeds:5}  {name:<24}  {told:17.1f}    {cells}")


if __name__ == "__main__":
    main()
