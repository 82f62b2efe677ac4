"""Studies of a number of seeds that was fixed beforehand: false claims, coverage, power."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from normlab.calibration import draws
from normlab.calibration.pool import Pool
from normlab.calibration.rates import Rate, rate
from normlab.stats import difference, equivalence, estimates, intervals, multiplicity
from normlab.stats.verdict import Kind, Rules, decide

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

    `false_difference`: the studies of equal arms that call any pair better or worse. `false_equivalence`: those whose
    arms all differ by the margin or more, and that call any pair equivalent. `covered`: the pairs whose own interval at
    the rules' level contains the true difference.
    """

    seeds: int
    false_difference: Rate
    false_equivalence: Rate
    covered: Rate
    power: tuple[Power, ...]


def at_once(pool: Pool, seeds: int, studies: int, rules: Rules, rng: np.random.Generator) -> AtOnce:
    """Simulate `studies` studies."""
    alike = draws.differences(pool.accuracies[draws.runs(pool, studies, seeds, rng)])
    claimed, equated = kinds(alike, rules), kinds(alike + draws.apart(rules.margin), rules)
    return AtOnce(
        seeds=seeds,
        false_difference=rate(np.isin(claimed, (Kind.better, Kind.worse)).any(axis=1)),
        false_equivalence=rate((equated == Kind.equivalent).any(axis=1)),
        covered=rate(_covered(alike[:, 0], rules.level)),
        power=tuple(_power(alike, points, rules) for points in TRUE_DIFFERENCES),
    )


def kinds(differences: NDArray[np.float64], rules: Rules) -> NDArray[np.str_]:
    """The verdicts of many studies: (studies, pairs, seeds) to (studies, pairs)."""
    differs = multiplicity.holm(difference.t_test(differences))
    equal = multiplicity.holm(equivalence.tost(differences, rules.margin))
    return decide(differs, equal, estimates.mean(differences), rules)


def _covered(differences: NDArray[np.float64], level: float) -> NDArray[np.bool_]:
    """Whether each row's t interval contains 0: (studies, seeds) to (studies,)."""
    spread = estimates.sd(differences)
    reach = intervals.half_width(differences.shape[-1], level)
    return np.asarray(np.abs(estimates.mean(differences)) <= reach * np.asarray(spread))


def _power(alike: NDArray[np.float64], points: float, rules: Rules) -> Power:
    """The first arm of the first pair is better; the third arm is as good as the first."""
    better = np.array([points, 0.0, points])
    shift = np.array([[better[a] - better[b]] for a, b in draws.PAIRS])
    said = kinds(alike + shift, rules)[:, 0]
    return Power(points, *(rate(said == kind) for kind in (Kind.better, Kind.equivalent, Kind.worse)))
