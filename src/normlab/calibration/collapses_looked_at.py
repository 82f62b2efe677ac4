"""Studies with runs that collapse, which are looked at after every seed until they are settled.

What collapsed is told anew at each look, from all seeds so far, and the confidence sequence is of the seeds that are
left: no theorem says that it then holds at all looks together. These trials say how often it does not.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from normlab.calibration import said
from normlab.calibration.collapses import Told
from normlab.calibration.contaminated import CASES, Bools, Case, Floats, Pairs, alone, kept, pairs, sound
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
    looks = [_look(found, seeds, rules) for seeds in range(FIRST, found.scores.shape[-1] + 1)]
    ends, failed = (np.stack(parts, axis=-1) for parts in zip(*looks, strict=True))
    small, apart = (0.0, rules.margin) if case.collapse else (case.mean, -rules.margin)
    return CollapsesLookedAt(
        case=case,
        before=_told(np.stack([low, high]) + case.mean, np.zeros((2, *low.shape), bool), -rules.margin, rules),
        after=_told(ends + small, failed & (not case.collapse), apart, rules),
        seeds_before=_taken(low, high, 1, rules),
        seeds_after=_taken(ends[0], ends[1], FIRST, rules),
    )


def _look(found: Pairs, seeds: int, rules: Rules) -> tuple[Floats, Bools]:
    """After so many seeds: the ends of each pair's interval, and which arm failed alone: both (2, pairs)."""
    failed = found.failed(rules.margin, seeds)
    ends = np.stack([np.full(len(failed), -np.inf), np.full(len(failed), np.inf)])
    for rows, values in kept(found.differences[:, :seeds], sound(failed)):
        low, high = sequential.bounds(values, rules.confidence)
        ends[:, rows] = low[:, -1], high[:, -1]
    return ends, np.stack(alone(failed))


def _told(ends: Floats, failed: Bools, apart: float, rules: Rules) -> Told:
    """Of intervals at every look, (2, pairs, looks), of a true mean of 0, and of the same were it `apart`.

    What speaks for an arm that `failed` is not counted.
    """
    equal, unequal = (decide_by_interval(ends[0] + off, ends[1] + off, rules) for off in (0.0, apart))
    won = np.isin(equal, (Kind.better, Kind.worse)) & ~said.withheld(equal, *failed)
    equated = (unequal == Kind.equivalent) & ~said.withheld(unequal, *failed)
    holds = (ends[0] <= 0) & (ends[1] >= 0)
    return Told(rate(won.any(axis=-1)), rate(equated.any(axis=-1)), rate(holds.all(axis=-1)))


def _taken(low: Floats, high: Floats, first: int, rules: Rules) -> float:
    """The seeds until a claim is made, on average."""
    claims = decide_by_interval(low, high, rules) != Kind.open
    seeds = first + np.where(claims.any(axis=1), claims.argmax(axis=1), claims.shape[1] - 1)
    return float(seeds.mean())
