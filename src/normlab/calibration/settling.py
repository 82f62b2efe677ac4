"""How many seeds a pair takes until it is settled, where looks were allowed from the start and where a study grew."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from normlab.calibration import draws, said
from normlab.calibration.pool import Pool
from normlab.calibration.rates import Rate, rate
from normlab.stats.verdict import Kind, Rules

TRUE_DIFFERENCES = (0.0, 0.05, 0.1, 0.2, 0.3)
"""By which one arm of the pair is better, in percentage points."""


@dataclass(frozen=True)
class Taken:
    """`settled` is the share of pairs that are within the seeds allowed, `seeds` the mean number that pairs took.

    A pair that was not settled took all that were allowed.
    """

    settled: Rate
    seeds: float


@dataclass(frozen=True)
class Settling:
    """A pair of a study of three arms whose first arm is better by `difference` points."""

    difference: float
    always: Taken
    grown: Taken


def settling(pool: Pool, seeds: int, studies: int, rules: Rules, rng: np.random.Generator) -> tuple[Settling, ...]:
    """Simulate `studies` studies of up to `seeds` seeds."""
    alike = draws.equal_arms(pool, studies, seeds, rng)
    return tuple(_settling(alike + draws.first_better(points), points, rules) for points in TRUE_DIFFERENCES)


def _settling(differences: said.Differences, points: float, rules: Rules) -> Settling:
    always, grown = said.settled(differences, rules), said.grown(differences, rules)
    return Settling(points, _taken(always, 1), _taken(grown, said.FIRST_LOOK))


def _taken(found: said.Said, first_look: int) -> Taken:
    claims = found.kinds[:, 0] != Kind.open
    settled = claims.any(axis=1)
    seeds = first_look + np.where(settled, claims.argmax(axis=1), claims.shape[1] - 1)
    return Taken(rate(settled), float(seeds.mean()))
