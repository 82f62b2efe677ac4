"""Studies of a number of seeds that was fixed beforehand: false claims, coverage, power."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from normlab.calibration import draws, said
from normlab.calibration.pool import Pool
from normlab.calibration.rates import Rate, rate
from normlab.calibration.wrong import Wrong, wrong
from normlab.stats import estimates, intervals
from normlab.stats.verdict import Kind, Rules

TRUE_DIFFERENCES = (0.02, 0.05, 0.1, 0.15, 0.2, 0.3)
"""By which one arm is better in the power curve, in percentage points."""


@dataclass(frozen=True)
class Power:
    """What is said of a pair whose first arm is better by `difference` points."""

    difference: float
    better: Rate
    equivalent: Rate
    worse: Rate


@dataclass(frozen=True)
class AtOnce:
    """What came of studies of three arms and `seeds` seeds.

    `covered`: the pairs whose own interval at the rules' confidence contains the true difference. `wider`: by which
    share such an interval is wider than one at the rules' level, since part of the error is kept for seeds added later.
    """

    seeds: int
    wrong: Wrong
    covered: Rate
    wider: float
    power: tuple[Power, ...]


def at_once(pool: Pool, seeds: int, studies: int, rules: Rules, rng: np.random.Generator) -> AtOnce:
    """Simulate `studies` studies."""
    alike = draws.equal_arms(pool, studies, seeds, rng)
    return AtOnce(
        seeds=seeds,
        wrong=wrong(said.once(alike, rules), said.once(alike + draws.apart(rules.margin), rules)),
        covered=rate(_covered(alike[:, 0], rules.confidence)),
        wider=intervals.half_width(seeds, rules.confidence) / intervals.half_width(seeds, rules.level) - 1,
        power=tuple(_power(alike, points, rules) for points in TRUE_DIFFERENCES),
    )


def _covered(differences: NDArray[np.float64], level: float) -> NDArray[np.bool_]:
    """Whether each row's t interval contains 0: (studies, seeds) to (studies,)."""
    spread = estimates.sd(differences)
    reach = intervals.half_width(differences.shape[-1], level)
    return np.asarray(np.abs(estimates.mean(differences)) <= reach * np.asarray(spread))


def _power(alike: NDArray[np.float64], points: float, rules: Rules) -> Power:
    kinds = said.once(alike + draws.first_better(points), rules).kinds[:, 0]
    return Power(points, *(rate(kinds == kind) for kind in (Kind.better, Kind.equivalent, Kind.worse)))
