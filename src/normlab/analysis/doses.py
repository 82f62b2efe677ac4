"""How accuracy goes with an ordered factor: for all that is equal otherwise, a line along its levels."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from normlab.analysis.questions import about
from normlab.records import Comparison
from normlab.spec import Arm, known
from normlab.stats.intervals import Interval, within_seeds

LEAST = 3
"""Levels that a line has at least: two are a pair, which a verdict says more of."""


@dataclass(frozen=True)
class Point:
    """One level: its arm, the mean of final accuracy in percent, and its interval within seeds, None for one seed."""

    arm: Arm
    mean: float
    interval: Interval | None


@dataclass(frozen=True)
class Line:
    """Arms that differ in `factor` alone, by rising level, on the seeds that have finished in all of them."""

    factor: str
    seeds: tuple[int, ...]
    points: tuple[Point, ...]


def lines(comparison: Comparison) -> tuple[Line, ...]:
    """Every line of every ordered factor of the study that has enough levels with a finished run."""
    factors = [path for path in comparison.study.factors if known()[path].ordered]
    return tuple(line for path in factors for line in _of(comparison, path))


def _of(comparison: Comparison, path: str) -> Iterator[Line]:
    for question in about(comparison.study, path):
        finals = {name: _finals(comparison, name) for name in question.arms}
        reached = {name: known for name, known in finals.items() if known}
        seeds = sorted(set.intersection(*map(set, reached.values()))) if len(reached) >= LEAST else []
        if seeds:
            scores = [[known[seed] for seed in seeds] for known in reached.values()]
            points = zip(reached, scores, within_seeds(scores), strict=True)
            yield Line(path, tuple(seeds), tuple(_point(comparison, *point) for point in points))


def _point(comparison: Comparison, name: str, scores: list[float], interval: Interval | None) -> Point:
    return Point(comparison.study.arm(name), sum(scores) / len(scores), interval)


def _finals(comparison: Comparison, name: str) -> dict[int, float]:
    return {run.seed: run.final.judged_accuracy for run in comparison.of(name)}
