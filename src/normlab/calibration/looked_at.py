"""Studies that are looked at while they get seeds: are they wrong more often for it?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from normlab.calibration import draws, said
from normlab.calibration.pool import Pool
from normlab.calibration.wrong import Wrong, wrong
from normlab.stats.verdict import Rules

PAIRS = (1, len(draws.PAIRS))
"""Pairs of a study: where there is one, the correction for several leaves no slack."""


@dataclass(frozen=True)
class LookedAt:
    """Studies of so many pairs, which get seeds until they claim something: wrong where any look is.

    By the rules for studies that allow looks (`settled`) and for those that grow after a first verdict (`grown`), and
    by those that would not do: all of the error for the first verdict and again for the others (`unsplit`), or the
    tests for a fixed number of seeds after every seed (`naive`). `said` has each.
    """

    pairs: int
    settled: Wrong
    grown: Wrong
    unsplit: Wrong
    naive: Wrong


def looked_at(pool: Pool, seeds: int, studies: int, rules: Rules, rng: np.random.Generator) -> tuple[LookedAt, ...]:
    """Simulate `studies` studies of up to `seeds` seeds; judge one of their pairs as a study of its own, then all."""
    alike = draws.equal_arms(pool, studies, seeds, rng)
    return tuple(_by_each(alike[:, :pairs], draws.apart(rules.margin)[:pairs], rules) for pairs in PAIRS)


def _by_each(alike: said.Differences, apart: said.Differences, rules: Rules) -> LookedAt:
    ways = (said.settled, said.grown, said.unsplit, said.naive)
    return LookedAt(alike.shape[1], *(wrong(way(alike, rules), way(alike + apart, rules)) for way in ways))
