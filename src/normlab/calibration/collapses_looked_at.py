"""Studies with runs that collapse, which are looked at after every seed until they are settled.

What collapsed is told anew at each look, from all seeds so far, and the confidence sequence is of the seeds that are
left: no theorem says that it then holds at all looks together. These trials say how often it does not.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from normlab.calibration import said
from normlab.calibration.collapses import Told
from normlab.calibration.contaminated import CASES, Bools, Case, Floats, Pairs, alone, kept, pairs, sound
from normlab.calibration.pool import Pool
from normlab.calibration.rates import rate
from normlab.stats.looks import Looks
from normlab.stats.verdict import Kind, Rules, decide_by_interval, over_time

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
    allowed = replace(rules, looks=Looks.up_to, most=most)
    return tuple(_one(case, pairs(pool, most, min(studies, STUDIES), case, rng), allowed) for case in CASES)


def _one(case: Case, found: Pairs, rules: Rules) -> CollapsesLookedAt:
    all_of = _ends(found.differences, rules)
    looks = [_look(found, seeds, rules) for seeds in range(FIRST, found.scores.shape[-1] + 1)]
    ends, failed = (np.stack(parts, axis=-1) for parts in zip(*looks, strict=True))
    small, apart = (0.0, rules.margin) if case.collapse else (case.mean, -rules.margin)
    return CollapsesLookedAt(
        case=case,
        before=_told(all_of + case.mean, np.zeros_like(all_of[0], bool), -rules.margin, rules),
        after=_told(ends + small, failed & (not case.collapse), apart, rules),
        seeds_before=_taken(all_of, 1, rules),
        seeds_after=_taken(ends, FIRST, rules),
    )


def _ends(differences: Floats, rules: Rules) -> Floats:
    """After each seed: of the two-sided interval and of the one-sided ones, (2, 2, pairs, looks)."""
    return np.stack([np.stack(ends) for ends in over_time(differences, rules.confidence, rules)])


def _kinds(ends: Floats, rules: Rules) -> NDArray[np.str_]:
    two_sided, one_sided = ends
    return decide_by_interval((two_sided[0], two_sided[1]), (one_sided[0], one_sided[1]), rules)


def _look(found: Pairs, seeds: int, rules: Rules) -> tuple[Floats, Bools]:
    """After so many seeds: each pair's `_ends`, (2, 2, pairs), and which arm failed alone, (2, pairs)."""
    failed = found.failed(rules.margin, seeds)
    ends = np.empty((2, 2, len(failed)))
    ends[:, 0], ends[:, 1] = -np.inf, np.inf
    for rows, values in kept(found.differences[:, :seeds], sound(failed)):
        planned, on = (_ends(values, each)[..., -1] for each in (rules, replace(rules, most=None)))
        ends[..., rows] = np.where(failed[rows].any(axis=(1, 2)), on, planned)  # see `stats.verdict.verdicts`
    return ends, np.stack(alone(failed))


def _told(ends: Floats, failed: Bools, apart: float, rules: Rules) -> Told:
    """Of `_ends` at every look where the true mean is 0, and of the same were it `apart`.

    What speaks for an arm that `failed` is not counted.
    """
    equal, unequal = (_kinds(ends + off, rules) for off in (0.0, apart))
    won = np.isin(equal, (Kind.better, Kind.worse)) & ~said.withheld(equal, *failed)
    equated = (unequal == Kind.equivalent) & ~said.withheld(unequal, *failed)
    holds = (ends[0, 0] <= 0) & (ends[0, 1] >= 0)
    return Told(rate(won.any(axis=-1)), rate(equated.any(axis=-1)), rate(holds.all(axis=-1)))


def _taken(ends: Floats, first: int, rules: Rules) -> float:
    """The seeds until a claim is made, on average."""
    claims = _kinds(ends, rules) != Kind.open
    seeds = first + np.where(claims.any(axis=1), claims.argmax(axis=1), claims.shape[1] - 1)
    return float(seeds.mean())
