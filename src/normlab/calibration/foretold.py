"""Is it true what is said of the seeds that would settle a pair? After a few of them, of pairs that are open then."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache

import numpy as np

from normlab.calibration import draws, said
from normlab.calibration.pool import Pool
from normlab.calibration.rates import Rate, rate
from normlab.stats.anew import Anew
from normlab.stats.looks import Looks
from normlab.stats.outlook import Range
from normlab.stats.verdict import Kind, Rules, Verdict, verdicts

SEEDS = (3, 5, 10)
"""After which it is asked."""
TRUE_DIFFERENCES = (0.0, 0.05, 0.1, 0.2)
"""By which the first arm of the pair is better, in percentage points; each in as many studies."""
MOST = 200
"""Seeds that a study takes to see when a pair is settled; one that is not by then takes more."""
STUDIES = 200
"""The most that are drawn of each kind."""


@dataclass(frozen=True)
class Foretold:
    """Pairs that are open after `seeds` seeds of a study of three arms that may be `looks`.

    `inside` is the share of them whose range of seeds to add has the number that it took, by the true difference, and
    `all_inside` that of all; `enough` the share that was settled by its upper end. `anew` is the share of all whose
    range of seeds of a new study has the number that it takes. None where nothing is said, or no pair is open.
    """

    seeds: int
    looks: Looks
    inside: tuple[Rate | None, ...]
    all_inside: Rate | None
    enough: Rate | None
    anew: Rate | None


@dataclass(frozen=True)
class _Told:
    """Of one pair: whether its ranges have what it took, and whether what is enough was."""

    inside: bool
    enough: bool
    anew: bool


def foretold(pool: Pool, studies: int, rules: Rules, rng: np.random.Generator) -> tuple[Foretold, ...]:
    """Simulate a tenth of `studies` for each number of seeds, difference and kind of rules, as far as that goes."""
    count = max(1, min(studies // 10, STUDIES))
    kinds = [replace(rules, looks=looks, most=MOST) for looks in (Looks.once, Looks.up_to)]
    return tuple(_foretold(pool, seeds, count, kind, rng) for seeds in SEEDS for kind in kinds)


def _foretold(pool: Pool, seeds: int, studies: int, rules: Rules, rng: np.random.Generator) -> Foretold:
    spread = float(np.sqrt(2) * pool.accuracies.std())
    found = [_told(_drawn(pool, points, studies, rng), (points, spread), seeds, rules) for points in TRUE_DIFFERENCES]
    every = [one for told in found for one in told]
    return Foretold(
        seeds,
        rules.looks,
        tuple(_share([one.inside for one in told]) for told in found),
        _share([one.inside for one in every]),
        _share([one.enough for one in every]),
        _share([one.anew for one in every]) if rules.looks is Looks.once else None,
    )


def _drawn(pool: Pool, points: float, studies: int, rng: np.random.Generator) -> said.Differences:
    """Runs are drawn with replacement: there are not enough of them for so many seeds."""
    scores = rng.choice(pool.accuracies, (studies, draws.ARMS, MOST))
    return draws.differences(scores) + draws.first_better(points)


def _told(differences: said.Differences, truth: tuple[float, float], seeds: int, rules: Rules) -> list[_Told]:
    """Of the studies that leave the first pair open; `truth` is its difference and spread."""
    needed = _needed(differences, seeds, rules)
    now = [verdicts(study[:, :seeds].tolist(), rules)[0] for study in differences]
    return [_one(verdict, took, truth) for verdict, took in zip(now, needed, strict=True) if verdict.growing]


def _needed(differences: said.Differences, seeds: int, rules: Rules) -> Sequence[float]:
    """The seeds that the first pair of each study took beside those it has."""
    then = replace(rules, looks=Looks.grown if rules.looks is Looks.once else rules.looks)
    claims = said.always(differences, then).kinds[:, 0, seeds:] != Kind.open
    return [float(one) for one in np.where(claims.any(axis=1), claims.argmax(axis=1) + 1, np.inf)]


def _one(verdict: Verdict, took: float, truth: tuple[float, float]) -> _Told:
    growing, anew = verdict.growing, verdict.anew
    assert growing is not None, "it is open"  # noqa: S101 - an invariant
    return _Told(
        inside=_has(growing.range, took),
        enough=took <= (verdict.more or np.inf),
        anew=anew is not None and _has(anew.range, _takes(truth, replace(anew, seeds=2, mean=0.0, sd=1.0))),
    )


@cache
def _takes(truth: tuple[float, float], like: Anew) -> float:
    """What a new study takes if this is so, by the level and the chance of another."""
    return replace(like, mean=truth[0], sd=truth[1]).seeds_if_so or np.inf


def _has(told: Range, number: float) -> bool:
    return (np.inf if told.low is None else told.low) <= number <= (np.inf if told.high is None else told.high)


def _share(happened: Sequence[bool]) -> Rate | None:
    return rate(np.array(happened, dtype=bool)) if happened else None
