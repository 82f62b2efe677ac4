"""Studies with runs that collapse, of a number of seeds that was fixed beforehand: what was said of them, and what is.

Before runs that collapse were told apart, verdicts were about the mean of all runs: in these trials arms are equal in
it, or a margin apart. Now they are about runs that do not fail: arms are equal in those, or a margin apart. What is
withheld is counted as if it were said, since the report has it too. Where runs lose so little that it is no collapse,
verdicts are held to the mean of all runs as before, and what is withheld is not counted.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from normlab.calibration import said
from normlab.calibration.contaminated import CASES, Bools, Case, Floats, Pairs, alone, kept, pairs, sound
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
    failed, differences = first.failed(rules.margin), first.differences
    small, apart = (0.0, rules.margin) if case.collapse else (case.mean, -rules.margin)
    kinds = _kinds(differences, failed, rules)
    return Collapses(
        seeds=failed.shape[-1],
        case=case,
        before=_told(differences + case.mean, np.zeros_like(failed), -rules.margin, rules),
        after=_told(differences + small, failed, apart, rules, shown=case.collapse),
        found=rate(failed[first.low]) if first.low.any() else None,
        withheld=rate(said.withheld(kinds, *alone(failed))),
        rate=rate(_held(failed[:, 0], case.share, rules)),
        often=rate(_more_often(alike.failed(rules.margin), rules)),
    )


def _told(alike: Floats, failed: Bools, apart: float, rules: Rules, *, shown: bool = True) -> Told:
    """Of differences whose true mean is 0, and of those with a true mean `apart`; `shown` counts what is withheld."""
    equal, unequal = _kinds(alike, failed, rules), _kinds(alike + apart, failed, rules)
    for kinds in () if shown else (equal, unequal):
        kinds[said.withheld(kinds, *alone(failed))] = Kind.withheld
    won, equated = np.isin(equal, (Kind.better, Kind.worse)), unequal == Kind.equivalent
    return Told(rate(won), rate(equated), rate(_covered(alike, sound(failed), rules.confidence)))


def _kinds(differences: Floats, failed: Bools, rules: Rules) -> NDArray[np.str_]:
    """What the differences show of each pair, on seeds on which neither arm failed."""
    kinds = np.full(len(differences), Kind.open.value, dtype="<U20")
    for rows, values in kept(differences, sound(failed)):
        kinds[rows] = said.once(values[:, None], rules).kinds[:, 0, 0]
    return kinds


def _covered(differences: Floats, on: Bools, level: float) -> Bools:
    """Whether each t interval on some seeds contains 0; without two of them there is none that could be wrong."""
    holds = np.ones(len(differences), dtype=bool)
    for rows, values in kept(differences, on):
        reach = intervals.half_width(values.shape[-1], level) * np.asarray(estimates.sd(values))
        holds[rows] = np.abs(estimates.mean(values)) <= reach
    return holds


def _held(failed: Bools, share: float, rules: Rules) -> Bools:
    """Whether the interval of an arm's share of failures contains the true one."""
    seeds = failed.shape[-1]
    holds = np.array([not exact(count, seeds, rules.confidence).excludes(share) for count in range(seeds + 1)])
    return np.asarray(holds[failed.sum(axis=-1)])


def _more_often(failed: Bools, rules: Rules) -> Bools:
    """Whether one arm of each pair is said to fail more often."""
    seeds, apart = failed.shape[-1], failed & ~failed[:, ::-1]
    counted = np.concatenate([failed.sum(axis=-1), apart.sum(axis=-1)], axis=1)
    different, which = np.unique(counted, axis=0, return_inverse=True)
    told = [failures([Counts((seeds, seeds), (a, b), (c, d))], rules)[0].often for a, b, c, d in different.tolist()]
    return np.array([told[place] is not Often.open for place in which.ravel().tolist()])
