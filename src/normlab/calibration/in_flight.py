"""Studies with several runs in flight: does what is settled open again when an earlier seed ends late?"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from normlab.calibration import draws, said
from normlab.calibration.pool import Pool
from normlab.calibration.rates import Rate, rate
from normlab.stats.looks import Looks
from normlab.stats.verdict import Kind, Rules

RUNS = (2, 3, 4)
"""In flight at a time."""
VARIES = 1.0
"""Standard deviation of the logarithm of how long a run takes: one in six takes 2.7 times as long as the usual one."""
STUDIES = 1000
"""The most that are drawn for each number of runs."""

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Kept:
    """Studies in which a pair that was settled at one look is open at a later one, and the seeds begun, in the mean."""

    opened: Rate
    seeds: float


@dataclass(frozen=True)
class InFlight:
    """Studies of three equal arms and `runs` runs at a time, looked at after each run until all pairs are settled.

    `as_they_come` judges the seeds that are there, `in_order` those whose earlier ones are there too.
    """

    runs: int
    as_they_come: Kept
    in_order: Kept


def in_flight(pool: Pool, seeds: int, studies: int, rules: Rules, rng: np.random.Generator) -> tuple[InFlight, ...]:
    """Simulate `studies` studies of up to `seeds` seeds, as far as the limit above goes."""
    count, judging = min(studies, STUDIES), replace(rules, looks=Looks.up_to, most=seeds)
    return tuple(_with(runs, draws.equal_arms(pool, count, seeds, rng), judging, rng) for runs in RUNS)


def _with(runs: int, differences: said.Differences, rules: Rules, rng: np.random.Generator) -> InFlight:
    begun, ended = _schedule(len(differences), differences.shape[-1], runs, rng)
    come = np.stack([np.maximum(ended[:, a], ended[:, b]) for a, b in draws.PAIRS], axis=1)
    return InFlight(
        runs,
        _kept(come, begun, _as_they_come(differences, come, rules)),
        _kept(come, begun, _in_order(differences, come, rules)),
    )


def _schedule(studies: int, seeds: int, runs: int, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """When each run begins and ends, (studies, ARMS, seeds): all arms of a seed before the next, whoever is free."""
    free, rows = np.zeros((studies, runs)), np.arange(studies)
    begun, ended = np.empty((2, studies, draws.ARMS, seeds))
    for seed in range(seeds):
        for arm in range(draws.ARMS):
            first = free.argmin(axis=1)
            begun[:, arm, seed] = free[rows, first]
            ended[:, arm, seed] = free[rows, first] + rng.lognormal(0, VARIES, studies)
            free[rows, first] = ended[:, arm, seed]
    return begun, ended


def _as_they_come(differences: said.Differences, come: Floats, rules: Rules) -> Bools:
    """Whether each pair is settled after each of its seeds that came, by the seeds that are there: (…, looks)."""
    ranks = come.argsort(axis=-1).argsort(axis=-1)
    looks = range(1, differences.shape[-1] + 1)
    there = (np.argsort(ranks >= look, axis=-1, kind="stable")[..., :look] for look in looks)
    kinds = [said.always(np.take_along_axis(differences, each, axis=-1), rules).kinds[..., -1] for each in there]
    return np.asarray(np.stack(kinds, axis=-1) != Kind.open)


def _in_order(differences: said.Differences, come: Floats, rules: Rules) -> Bools:
    """The same by those whose earlier seeds are there too."""
    known = said.always(differences, rules).kinds != Kind.open
    ready = np.maximum.accumulate(come, axis=-1)  # when a seed and all before it are there
    counted = (ready[..., None, :] <= np.sort(come, axis=-1)[..., None]).sum(axis=-1)
    settled = np.take_along_axis(known, np.maximum(counted - 1, 0), axis=-1)
    return np.asarray(settled & (counted > 0))


def _kept(come: Floats, begun: Floats, settled: Bools) -> Kept:
    """`come` and `settled` are (studies, pairs, looks); what begins after all pairs were settled does not."""
    at = np.sort(come, axis=-1)
    end = _first(at, settled).max(axis=1)
    before = begun <= end[:, None, None]
    there = np.stack([before[:, a] & before[:, b] for a, b in draws.PAIRS], axis=1)
    looked = np.take_along_axis(there, come.argsort(axis=-1), axis=-1)
    later = at > _first(at, settled)[..., None]
    opened = (later & looked & ~settled).any(axis=(1, 2))
    return Kept(rate(opened), float(before.any(axis=1).sum(axis=1).mean()))


def _first(at: Floats, settled: Bools) -> Floats:
    """When each pair is settled first, or its last seed comes."""
    look = np.where(settled.any(axis=-1), settled.argmax(axis=-1), at.shape[-1] - 1)
    return np.asarray(np.take_along_axis(at, look[..., None], axis=-1)[..., 0])
