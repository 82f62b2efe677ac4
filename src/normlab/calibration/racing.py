"""How many runs it takes to name the best of many arms, where beaten ones fall out and where every pair is settled."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from normlab.calibration import said
from normlab.calibration.pool import Pool
from normlab.calibration.rates import Rate, rate
from normlab.stats.looks import Looks
from normlab.stats.verdict import Kind, Rules

ARMS = 20
STEPS = (0.0, 0.05, 0.2)
"""By how many points each arm is better than the next: all alike, halves of the usual margin, a steep ladder."""
STUDIES = 500
"""The most that are drawn: each has 190 pairs."""

Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Raced:
    """Of one way: the mean number of runs, and how often an arm was beaten that none is better than."""

    runs: float
    wrong: Rate


@dataclass(frozen=True)
class Racing:
    """Studies of `ARMS` arms, each `step` points better than the next, of up to so many seeds.

    `race` lets arms fall out that another is shown to be better than, `settled` goes on until every pair is settled.
    """

    step: float
    race: Raced
    settled: Raced


def racing(pool: Pool, seeds: int, studies: int, rules: Rules, rng: np.random.Generator) -> tuple[Racing, ...]:
    """Simulate `studies` studies for each step, as far as the limit above goes; runs are drawn with replacement."""
    judging = replace(rules, looks=Looks.up_to, most=seeds)
    alike = (rng.choice(pool.accuracies, (min(studies, STUDIES), ARMS, seeds)) for _ in STEPS)
    return tuple(_racing(step, scores, judging) for step, scores in zip(STEPS, alike, strict=True))


def _racing(step: float, alike: NDArray[np.float64], rules: Rules) -> Racing:
    scores = alike - step * np.arange(ARMS)[:, None]
    first, second = np.array([*combinations(range(ARMS), 2)]).T
    kinds = said.always(scores[:, first] - scores[:, second], rules).kinds
    won = np.stack([kinds == Kind.better, kinds == Kind.worse])
    none_better = np.arange(ARMS) == 0 if step else np.ones(ARMS, bool)
    ways = (_raced([*_race(kinds == Kind.open, won, (first, second), out)], none_better) for out in (True, False))
    return Racing(step, *ways)


def _race(still: Bools, won: Bools, pairs: tuple[NDArray[np.int64], ...], out: bool) -> Iterator[tuple[Bools, Bools]]:
    """After each seed: which arms took it, and which are beaten, (studies, ARMS); with `out`, those take no more."""
    first, second = pairs
    open_, beaten = np.ones(still.shape[:2], bool), np.zeros((len(still), ARMS), bool)
    for seed in range(still.shape[-1]):
        taking = np.zeros_like(beaten)
        for arm in range(ARMS):
            taking[:, arm] = open_[:, (first == arm) | (second == arm)].any(axis=1)
        for loser, claims in ((second, won[0]), (first, won[1])):
            for arm in range(ARMS):
                beaten[:, arm] |= (claims[..., seed] & open_)[:, loser == arm].any(axis=1)
        open_ &= still[..., seed]
        if out:
            open_ &= ~(beaten[:, first] | beaten[:, second])
        yield taking, beaten.copy()


def _raced(seeds: list[tuple[Bools, Bools]], none_better: Bools) -> Raced:
    taken = sum(taking.sum(axis=1) for taking, _ in seeds)
    return Raced(float(np.mean(taken)), rate(seeds[-1][1][:, none_better].any(axis=1)))
