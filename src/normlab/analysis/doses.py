"""How the primary outcome goes with an ordered factor: for all that is equal otherwise, a line along its levels."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from normlab.analysis.questions import about
from normlab.analysis.scores import Scores, scored
from normlab.records import Comparison
from normlab.spec import Arm, known
from normlab.stats.intervals import Interval, within_seeds

LEAST = 3
"""Levels that a line has at least: two are a pair, which a verdict says more of."""


@dataclass(frozen=True)
class Point:
    """One level: its arm, the mean of the outcome in its unit, and its interval within seeds, None for one seed."""

    arm: Arm
    mean: float
    interval: Interval | None


@dataclass(frozen=True)
class Line:
    """Arms that differ in `factor` alone, by rising level, on the seeds that have finished in all of them."""

    factor: str
    seeds: tuple[int, ...]
    points: tuple[Point, ...]


def lines(comparison: Comparison, scores: Scores | None = None) -> tuple[Line, ...]:
    """Every line of every ordered factor of the study that has enough levels with a finished run."""
    factors = [path for path in comparison.study.factors if known()[path].ordered]
    by_arm: dict[str, dict[int, float]] = {}
    for (arm, seed), value in (scored(comparison) if scores is None else scores).items():
        by_arm.setdefault(arm, {})[seed] = value
    return tuple(line for path in factors for line in _of(comparison, by_arm, path))


def _of(comparison: Comparison, scores: Mapping[str, Mapping[int, float]], path: str) -> Iterator[Line]:
    for question in about(comparison.study, path):
        reached = {name: scores[name] for name in question.arms if name in scores}
        seeds = sorted(set.intersection(*map(set, reached.values()))) if len(reached) >= LEAST else []
        if seeds:
            values = [[known[seed] for seed in seeds] for known in reached.values()]
            points = zip(reached, values, within_seeds(values), strict=True)
            yield Line(path, tuple(seeds), tuple(_point(comparison, *point) for point in points))


def _point(comparison: Comparison, name: str, scores: list[float], interval: Interval | None) -> Point:
    return Point(comparison.study.arm(name), sum(scores) / len(scores), interval)
