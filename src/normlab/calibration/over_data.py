"""Studies of three arms on several data sets: false claims over all of them and of changes, coverage of both intervals.

A seed may make differences on all data sets alike, spreads may differ from one data set to another, and each has an
effect of its own. Draws are normal.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from normlab.calibration import draws, said
from normlab.calibration.rates import Rate, rate
from normlab.stats import estimates, intervals
from normlab.stats.verdict import Kind, Rules

SEEDS = (3, 5, 10)
EQUAL, UNEQUAL = (0.1, 0.1, 0.1), (0.05, 0.1, 0.4)
"""Spreads of a run on each data set, in points."""
SCATTER = 0.3
"""The standard deviation of data sets' own effects, in points."""

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Suites:
    """Suites of data sets with these `spreads`, where a seed's luck is the same on all of them to a share `alike`."""

    spreads: tuple[float, ...]
    alike: float


SUITES = (
    Suites(EQUAL, 0.0),
    Suites(EQUAL, 0.8),
    Suites(UNEQUAL, 0.0),
    Suites(UNEQUAL, 0.8),
    Suites((*EQUAL, *UNEQUAL), 0.0),
)


@dataclass(frozen=True)
class OverData:
    """What came of suites with `seeds` seeds.

    `winner` and `equivalence` are false claims over all data sets of any pair, `depends` and `same` false claims that a
    difference changes from one data set to another, or that it does not. `held` is how often a single pair's interval
    over these data sets has the true mean at the rules' confidence, `added` one that adds variances up (Welch), and
    `like` the interval for data sets like these at the rules' level, `like_alike` the same where data sets have no
    effects of their own.
    """

    suites: Suites
    seeds: int
    winner: Rate
    equivalence: Rate
    depends: Rate
    same: Rate
    held: Rate
    added: Rate
    like: Rate
    like_alike: Rate


def over_data(studies: int, rules: Rules, rng: np.random.Generator) -> tuple[OverData, ...]:
    """Simulate as many suites of each kind and number of seeds."""
    return tuple(_of_kind(kind, seeds, studies, rules, rng) for kind in SUITES for seeds in SEEDS)


def _of_kind(kind: Suites, seeds: int, studies: int, rules: Rules, rng: np.random.Generator) -> OverData:
    chance, count = _chance(kind, seeds, studies, rng), len(kind.spreads)
    own = SCATTER * rng.standard_normal((studies, count, 1, 1))
    here = chance + own - own.mean(axis=1, keepdims=True)  # these data sets, whose mean effect is 0
    over = here.mean(axis=1)
    apart = over + draws.apart(rules.margin)
    steps = chance + rules.margin * np.arange(count).reshape(count, 1, 1)
    return OverData(
        kind,
        seeds,
        _any(over, (Kind.better, Kind.worse), rules),
        _any(apart, (Kind.equivalent,), rules),
        _any(_changes(chance), (Kind.better, Kind.worse), rules),
        _any(_changes(steps), (Kind.equivalent,), rules),
        rate(_covers(over[:, 0], rules.confidence)),
        rate(_added(here[:, :, 0], rules.confidence)),
        rate(_like((chance + own)[:, :, 0], rules.level)),
        rate(_like(chance[:, :, 0], rules.level)),
    )


def _chance(kind: Suites, seeds: int, studies: int, rng: np.random.Generator) -> Floats:
    """Differences of equal arms, (studies, data sets, pairs, seeds)."""
    count = len(kind.spreads)
    shared = rng.standard_normal((studies, 1, draws.ARMS, seeds))
    own = rng.standard_normal((studies, count, draws.ARMS, seeds))
    luck = np.sqrt(kind.alike) * shared + np.sqrt(1 - kind.alike) * own
    runs = luck * np.reshape(kind.spreads, (count, 1, 1))
    first, second = np.transpose(draws.PAIRS)
    return np.asarray(runs[:, :, first] - runs[:, :, second])


def _changes(differences: Floats) -> Floats:
    """Of every pair between any two data sets, (studies, changes, seeds)."""
    two = combinations(range(differences.shape[1]), 2)
    return np.concatenate([differences[:, here] - differences[:, there] for here, there in two], axis=1)


def _any(differences: Floats, kinds: Sequence[Kind], rules: Rules) -> Rate:
    found = said.once(differences, rules).kinds
    return rate(np.isin(found, [kind.value for kind in kinds]).any(axis=(1, 2)))


def _covers(values: Floats, level: float) -> NDArray[np.bool_]:
    """Whether each row's t interval has 0: (studies, n) to (studies,)."""
    return np.asarray(np.abs(estimates.mean(values)) <= _half(values, level))


def _half(values: Floats, level: float) -> Floats:
    """Half the width of each row's t interval."""
    return np.asarray(intervals.half_width(values.shape[-1], level) * np.asarray(estimates.sd(values)))


def _like(differences: Floats, level: float) -> NDArray[np.bool_]:
    """Whether `data_sets.like` has 0: (studies, data sets, seeds) to (studies,)."""
    reach = np.hypot(_half(differences.mean(axis=2), level), _half(differences.mean(axis=1), level))
    return np.asarray(np.abs(differences.mean(axis=(1, 2))) <= reach)


def _added(differences: Floats, level: float) -> NDArray[np.bool_]:
    """The same of (studies, data sets, seeds), with variances added up and Satterthwaite's degrees of freedom."""
    from scipy.special import stdtrit

    count, seeds = differences.shape[1:]
    parts = np.square(np.asarray(estimates.sd(differences))) / seeds
    whole = parts.sum(axis=1)
    freedom = (seeds - 1) * whole**2 / np.square(parts).sum(axis=1)
    reach = stdtrit(freedom, (1 + level) / 2) * np.sqrt(whole) / count
    return np.asarray(np.abs(differences.mean(axis=(1, 2))) <= reach)
