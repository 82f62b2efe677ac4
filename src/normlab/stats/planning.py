"""What a study that is only planned will say of a pair, if its true difference and spread are so much: by simulation.

Differences are drawn from a normal distribution and judged as a study's are, each pair at its share of the error by
Bonferroni's inequality. Holm's procedure, by which a study of a fixed number is judged, finds no less.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache

import numpy as np
from numpy.typing import NDArray

from normlab.stats import difference, equivalence, estimates, power
from normlab.stats.looks import Looks
from normlab.stats.multiplicity import bonferroni
from normlab.stats.verdict import Floats, Kind, Rules, decide, decide_by_interval, over_time

STUDIES = 4000
"""That are simulated: a chance of one half is known to 1.6 points."""
ENTROPY = 2027
"""Where all draws come from, so that the same plan has the same chances."""


@dataclass(frozen=True)
class Truth:
    """A pair's true difference and the standard deviation of its differences, above 0, in the unit of the margin."""

    difference: float
    sd: float


@dataclass(frozen=True)
class Chances:
    """Of each verdict on the first arm of a pair, 0 to 1; what is left is "not enough evidence"."""

    better: float
    equivalent: float
    worse: float

    @property
    def settled(self) -> float:
        """Of any."""
        return self.better + self.equivalent + self.worse


@dataclass(frozen=True)
class Ending:
    """A pair of a study that adds seeds until it is settled: the chances, and the seeds taken in the mean."""

    chances: Chances
    seeds: float


def at_once(truth: Truth, seeds: int, pairs: int, rules: Rules) -> Chances:
    """After a number of seeds that was fixed beforehand.

    Args:
        truth: of the pair.
        seeds: at least 2.
        pairs: of the study, at least 1.
        rules: level and margin, for a study that is looked at once.
    """
    values = _drawn(truth, seeds)
    differs = np.minimum(1, pairs * difference.t_test(values))
    equal = np.minimum(1, pairs * equivalence.tost(values, rules.margin))
    return _chances(decide(differs, equal, estimates.mean(values), rules))


def until_settled(truth: Truth, most: int, pairs: int, rules: Rules) -> Ending:
    """Where seeds are added, up to `most`, at least 2, and looked at after each; arguments otherwise as `at_once`."""
    judging = replace(rules, looks=Looks.up_to, most=most)
    ends = over_time(_drawn(truth, most), bonferroni(judging.confidence, pairs), judging)
    kinds = decide_by_interval(*ends, judging)
    settled = kinds != Kind.open
    last = np.where(settled.any(axis=1), settled.argmax(axis=1), most - 1)
    return Ending(_chances(kinds[np.arange(STUDIES), last]), float(last.mean() + 1))


def seeds_for(sd: float, apart: float, pairs: int, rules: Rules) -> int | None:
    """Seeds, fixed beforehand, that call equal arms equivalent and tell arms that are `apart`, with the rules' power.

    None beyond `power.MOST`. See `power.seeds_to_equate` and `power.seeds_to_find`.
    """
    level = bonferroni(rules.confidence, pairs)
    alike = power.seeds_to_equate(0.0, sd, rules.margin, level, rules.power)
    found = power.seeds_to_find(apart, sd, level, rules.power)
    return None if alike is None or found is None else max(alike, found)


def _drawn(truth: Truth, seeds: int) -> Floats:
    return truth.difference + truth.sd * _standard(seeds)


@cache
def _standard(seeds: int) -> Floats:
    return np.random.default_rng([ENTROPY, seeds]).standard_normal((STUDIES, seeds))


def _chances(kinds: NDArray[np.str_]) -> Chances:
    return Chances(*(float(np.mean(kinds == kind)) for kind in (Kind.better, Kind.equivalent, Kind.worse)))
