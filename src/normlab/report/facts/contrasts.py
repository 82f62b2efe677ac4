"""Which arms answer a question together, and their differences paired by seed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Literal

from normlab.records import Comparison
from normlab.spec import Arm, Study
from normlab.stats.estimates import mean
from normlab.stats.intervals import Interval, paired_t
from normlab.stats.multiplicity import bonferroni

FAMILY_LEVEL = 0.95
"""The confidence that all intervals of a study hold together."""

About = Literal["norm", "l1"]
Pair = tuple[str, str]


@dataclass(frozen=True)
class Contrast:
    """Two arms that differ in one thing: final accuracy of `first` − `second` in percentage points, for each seed.

    Only seeds that finished in both arms count; `interval` is None for fewer than two of them.
    """

    about: About
    first: str
    second: str
    seeds: tuple[int, ...]
    differences: tuple[float, ...]
    interval: Interval | None

    @property
    def mean(self) -> float | None:
        """The mean difference over seeds; None without a seed in common."""
        return float(mean(self.differences)) if self.differences else None

    @property
    def conclusive(self) -> bool:
        """Whether the interval excludes 0. One without width is an accident of counting whole images."""
        return self.interval is not None and self.interval.width > 0 and self.interval.excludes(0)


@dataclass(frozen=True)
class Question:
    """Arms that differ only in their norm, or one norm with a penalty and without."""

    about: About
    arms: tuple[str, ...]
    contrasts: tuple[Contrast, ...]


def questions(comparison: Comparison) -> tuple[Question, ...]:
    """Every question that the study asks, with its contrasts at the level that keeps the family's."""
    asked = [*_norms(comparison.study), *_penalties(comparison.study)]
    level = each_level(sum(len(pairs) for _, _, pairs in asked))
    return tuple(
        Question(about, arms, tuple(_contrast(comparison, about, pair, level) for pair in pairs))
        for about, arms, pairs in asked
    )


def each_level(comparisons: int) -> float:
    """The level of one interval. Counted over all planned pairs, so that it does not move while runs come in."""
    return bonferroni(FAMILY_LEVEL, max(1, comparisons))


def _norms(study: Study) -> list[tuple[About, tuple[str, ...], list[Pair]]]:
    """Norm against norm within the same penalty."""
    groups: dict[tuple[float, str], list[str]] = {}
    for arm in study.arms:
        groups.setdefault(_penalty(arm), []).append(arm.name)
    return [("norm", tuple(names), list(combinations(names, 2))) for names in groups.values() if len(names) > 1]


def _penalties(study: Study) -> list[tuple[About, tuple[str, ...], list[Pair]]]:
    """With a penalty against without, within the same norm."""
    plain = {arm.norm: arm.name for arm in study.arms if not arm.l1}
    pairs = [(arm.name, plain[arm.norm]) for arm in study.arms if arm.l1 and arm.norm in plain]
    return [("l1", pair, [pair]) for pair in pairs]


def _penalty(arm: Arm) -> tuple[float, str]:
    return (arm.l1, arm.l1_on if arm.l1 else "")


def _contrast(comparison: Comparison, about: About, pair: Pair, level: float) -> Contrast:
    first, second = ({run.seed: run.final for run in comparison.of(name)} for name in pair)
    seeds = tuple(sorted(first.keys() & second.keys()))
    # Subtracting counts keeps equal differences equal, which subtracting percentages does not.
    differences = tuple(
        100 * (first[seed].test_correct - second[seed].test_correct) / first[seed].test_images for seed in seeds
    )
    return Contrast(about, *pair, seeds, differences, _interval(differences, level))


def _interval(differences: Sequence[float], level: float) -> Interval | None:
    return paired_t(differences, level) if differences else None
