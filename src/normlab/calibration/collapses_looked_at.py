"""Studies with runs that collapse, which are looked at after every seed until they are settled.

What collapsed is told anew at each look, from all seeds so far, and the confidence sequence is of the seeds that are
left: no theorem says that it then holds at all looks together. These trials say how often it does not.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from normlab.calibration.collapses import Told
from normlab.calibration.contaminated import CASES, Case, Floats, Pairs, kept, pairs, sound
from normlab.calibration.pool import Pool
from normlab.calibration.rates import rate
from normlab.stats import sequential
from normlab.stats.looks import Looks
from normlab.stats.verdict import Kind, Rules, decide_by_interval

STUDIES = 2000
"""The most that are drawn: each is judged anew after every seed."""
FIRST = 3
"""Seeds from which on runs can be told apart."""


@dataclass(frozen=True)
class CollapsesLookedAt:
    """Pairs of which the first arm collapses in some of its runs, wrong where any look is.

    `before` and `after` runs that collapse are told apart, as in `Collapses`; `seeds_before` and `seeds_after` are what
    a pair of equal arms took on average, a withheld verdict being one, and all allowed where it was not settled.
    """

    case: Case
    before: Told
    after: Told
    seeds_before: float
    seeds_after: float


def collapses_looked_at(
    pool: Pool, most: int, studies: int, rules: Rules, rng: np.random.Generator
) -> tuple[CollapsesLookedAt, ...]:
    """Simulate up to `studies` pairs of up to `most` seeds for each case."""
    allowed = replace(rules, looks=Looks.always)
    return tuple(_one(case, pairs(pool, most, min(studies, STUDIES), case, rng), allowed) for case in CASES)


def _one(case: Case, found: Pairs, rules: Rules) -> CollapsesLookedAt:
    low, high = sequential.bounds(found.differences, rules.confidence)
    looks = [_bounds(found, seeds, rules) for seeds in range(FIRST, found.scores.shape[-1] + 1)]
    left = np.stack(looks, axis=-1)
    return CollapsesLookedAt(
        case=case,
        before=_told(low + case.mean, high + case.mean, -rules.margin, rules),
        after=_told(left[0], left[1], rules.margin, rules),
        seeds_before=_taken(low, high, 1, rules),
        seeds_after=_taken(left[0], left[1], FIRST, rules),
    )


def _bounds(found: Pairs, seeds: int, rules: Rules) -> Floats:
    """The ends of each pair's interval after so many seeds, of those on which neither arm collapsed: (2, pairs)."""
    ends = np.stack([np.full(len(found.scores), -np.inf), np.full(len(found.scores), np.inf)])
    for rows, values in kept(found.differences[:, :seeds], sound(found.failed(rules.margin, seeds))):
        low, high = sequential.bounds(values, rules.confidence)
        ends[:, rows] = low[:, -1], high[:, -1]
    return ends


def _told(low: Floats, high: Floats, apart: float, rules: Rules) -> Told:
    """Of intervals at every look, (pairs, looks), of a true mean of 0, and of the same were it `apart`."""
    won = np.isin(decide_by_interval(low, high, rules), (Kind.better, Kind.worse))
    equated = decide_by_interval(low + apart, high + apart, rules) == Kind.equivalent
    holds = (low <= 0) & (high >= 0)
    return Told(rate(won.any(axis=-1)), rate(equated.any(axis=-1)), rate(holds.all(axis=-1)))


def _taken(low: Floats, high: Floats, first: int, rules: Rules) -> float:
    """The seeds until a claim is made, on average."""
    claims = decide_by_interval(low, high, rules) != Kind.open
    seeds = first + np.where(claims.any(axis=1), claims.argmax(axis=1), claims.shape[1] - 1)
    return float(seeds.mean())
