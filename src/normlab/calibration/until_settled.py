"""Studies that look after every seed and stop when they are settled: does looking make them wrong more often?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from normlab.calibration import draws
from normlab.calibration.pool import Pool
from normlab.calibration.rates import Rate, rate
from normlab.stats import difference, multiplicity, sequential
from normlab.stats.verdict import Kind, Rules, decide_by_interval

TRUE_DIFFERENCES = (0.0, 0.05, 0.1, 0.2, 0.3)
"""By which one arm of a pair is better, in percentage points."""
FIRST_LOOK = 3
"""Seeds after which somebody who peeks looks for the first time."""


@dataclass(frozen=True)
class Taken:
    """How soon a pair whose arms differ by `difference` points is settled.

    `settled` is the share of pairs that are within the seeds allowed, `seeds` the mean number of seeds that pairs took,
    all that were allowed where a pair was not settled.
    """

    difference: float
    settled: Rate
    seeds: float


@dataclass(frozen=True)
class UntilSettled:
    """What came of studies of three arms that may take up to `seeds` seeds.

    `false_difference`: the studies of equal arms that call any pair better or worse at any time. `peeking`: the same
    for t tests, corrected for the pairs, that are looked at after every seed. `false_equivalence` as in `AtOnce`.
    """

    seeds: int
    false_difference: Rate
    peeking: Rate
    false_equivalence: Rate
    taken: tuple[Taken, ...]


def until_settled(pool: Pool, seeds: int, studies: int, rules: Rules, rng: np.random.Generator) -> UntilSettled:
    """Simulate `studies` studies."""
    alike = draws.differences(pool.accuracies[draws.runs(pool, studies, seeds, rng)])
    level = multiplicity.bonferroni(rules.level, len(draws.PAIRS))
    low, high = sequential.bounds(alike, level)
    shifted = sequential.bounds(alike + draws.apart(rules.margin), level)
    equal = decide_by_interval(*shifted, rules) == Kind.equivalent
    return UntilSettled(
        seeds=seeds,
        false_difference=rate(((low[..., -1] > 0) | (high[..., -1] < 0)).any(axis=1)),
        peeking=rate(_peeking(alike, 1 - level)),
        false_equivalence=rate(equal.any(axis=(1, 2))),
        taken=tuple(_taken(alike[:, 0] + points, points, level, rules) for points in TRUE_DIFFERENCES),
    )


def _peeking(alike: NDArray[np.float64], alpha: float) -> NDArray[np.bool_]:
    """Whether any t test of any pair was significant after any seed: (studies, pairs, seeds) to (studies,)."""
    looks = range(FIRST_LOOK, alike.shape[-1] + 1)
    seen = np.stack([(difference.t_test(alike[..., :n]) <= alpha).any(axis=1) for n in looks])
    return np.asarray(seen.any(axis=0))


def _taken(differences: NDArray[np.float64], points: float, level: float, rules: Rules) -> Taken:
    """(studies, seeds) of one pair."""
    said = decide_by_interval(*sequential.bounds(differences, level), rules)
    claims = said != Kind.open
    settled = claims.any(axis=1)
    seeds = np.where(settled, claims.argmax(axis=1) + 1, differences.shape[1])
    return Taken(points, rate(settled), float(seeds.mean()))
