"""Studies with runs that collapse, of a number of seeds that was fixed beforehand: what was said of them, and what is.

Before runs that collapse were told apart, verdicts were about the mean of all runs: in these trials arms are equal in
it, or a margin apart. Now they are about runs that do not fail: arms are equal in those, or a margin apart. A claim
that is withheld is counted as well, since the report says what it would be.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from normlab.calibration import said
from normlab.calibration.contaminated import CASES, Bools, Case, Floats, Pairs, kept, pairs, sound
from normlab.calibration.draws import ARMS
from normlab.calibration.pool import Pool
from normlab.calibration.rates import Rate, rate
from normlab.stats import estimates, intervals
from normlab.stats.failures import Counts, Often, failures
from normlab.stats.proportion import exact
from normlab.stats.verdict import Kind, Rules

SEEDS = (5, 10, 20)


@dataclass(frozen=True)
class Told:
    """Of single pairs: a false `winner`, a false `equivalence`, and whether intervals of the difference hold."""

    winner: Rate
    equivalence: Rate
    covered: Rate


@dataclass(frozen=True)
class Collapses:
    """Pairs on `seeds` seeds of which the first arm collapses in some of its runs.

    `before` and `after` runs that collapse are told apart; `found` are those runs that are, None where there are none;
    `withheld` the pairs without a verdict for it, `rate` the intervals of the arm's share of failures that hold,
    `often` the pairs of arms that collapse alike of which one is said to fail more often.
    """

    seeds: int
    case: Case
    before: Told
    after: Told
    found: Rate | None
    withheld: Rate
    rate: Rate
    often: Rate


def collapses(pool: Pool, studies: int, rules: Rules, rng: np.random.Generator) -> tuple[Collapses, ...]:
    """Simulate `studies` pairs for each case and each number of seeds that the pool has the runs for."""
    asked = [(seeds, case) for seeds in SEEDS if ARMS * seeds <= pool.runs for case in CASES]
    found = []
    for seeds, case in asked:
        first, alike = (pairs(pool, seeds, studies, case, rng, both=both) for both in (False, True))
        found.append(_one(case, first, alike, rules))
    return tuple(found)


def _one(case: Case, first: Pairs, alike: Pairs, rules: Rules) -> Collapses:
    failed = first.failed(rules.margin)
    whole = np.ones_like(first.low[:, 0])
    return Collapses(
        seeds=first.scores.shape[-1],
        case=case,
        before=_told(first.differences + case.mean, whole, -rules.margin, rules),
        after=_told(first.differences, sound(failed), rules.margin, rules),
        found=rate(failed[first.low]) if first.low.any() else None,
        withheld=rate(_withheld(first.differences, failed, rules)),
        rate=rate(_held(failed[:, 0], case.share, rules)),
        often=rate(_more_often(alike.failed(rules.margin), rules)),
    )


def _told(alike: Floats, on: Bools, apart: float, rules: Rules) -> Told:
    """Of differences whose true mean is 0, on some seeds, and of the same with a true mean `apart`."""
    won = np.isin(_kinds(alike, on, rules), (Kind.better, Kind.worse))
    equated = _kinds(alike + apart, on, rules) == Kind.equivalent
    return Told(rate(won), rate(equated), rate(_covered(alike, on, rules.confidence)))


def _kinds(differences: Floats, on: Bools, rules: Rules) -> NDArray[np.str_]:
    """What the differences on some seeds show of each pair."""
    kinds = np.full(len(differences), Kind.open.value, dtype="<U20")
    for rows, values in kept(differences, on):
        kinds[rows] = said.once(values[:, None], rules).kinds[:, 0, 0]
    return kinds


def _covered(differences: Floats, on: Bools, level: float) -> Bools:
    """Whether each t interval on some seeds contains 0; without two of them there is none that could be wrong."""
    holds = np.ones(len(differences), dtype=bool)
    for rows, values in kept(differences, on):
        reach = intervals.half_width(values.shape[-1], level) * np.asarray(estimates.sd(values))
        holds[rows] = np.abs(estimates.mean(values)) <= reach
    return holds


def _withheld(differences: Floats, failed: Bools, rules: Rules) -> Bools:
    """Whether what the differences show speaks for an arm that failed alone."""
    kinds, alone = _kinds(differences, sound(failed), rules), np.asarray(failed & ~failed[:, ::-1])
    first, second = (np.isin(kinds, (kind, Kind.equivalent)) for kind in (Kind.better, Kind.worse))
    return np.asarray((first & np.any(alone[:, 0], axis=-1)) | (second & np.any(alone[:, 1], axis=-1)))


def _held(failed: Bools, share: float, rules: Rules) -> Bools:
    """Whether the interval of an arm's share of failures contains the true one."""
    seeds = failed.shape[-1]
    holds = np.array([not exact(count, seeds, rules.confidence).excludes(share) for count in range(seeds + 1)])
    return np.asarray(holds[failed.sum(axis=-1)])


def _more_often(failed: Bools, rules: Rules) -> Bools:
    """Whether one arm of each pair is said to fail more often."""
    seeds, alone = failed.shape[-1], failed & ~failed[:, ::-1]
    counted = np.concatenate([failed.sum(axis=-1), alone.sum(axis=-1)], axis=1)
    different, which = np.unique(counted, axis=0, return_inverse=True)
    told = [failures([Counts((seeds, seeds), (a, b), (c, d))], rules)[0].often for a, b, c, d in different.tolist()]
    return np.array([told[place] is not Often.open for place in which.ravel().tolist()])
