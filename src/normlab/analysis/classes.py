"""How well each class is told: the percent of its images that are right, mean over an arm's seeds."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from statistics import fmean, median

import numpy as np
from numpy.typing import NDArray

from normlab.records import Comparison
from normlab.stats.estimates import mean

ALL, SOME = 20, 10
"""Up to so many classes all are shown; of more, so many of the worst and of those that arms differ in most."""
FAR, ERRORS = 5.0, 3
"""A class is far below the others at so many points under their median, and standard errors of its own accuracy."""
UNEVEN, ENOUGH, LUCK = 2, 20, 0.01
"""Images are imbalanced where a class has more than so many times as many as another, classes have so many on average,
and equal classes would come out as unequal with less than this probability."""

Extremes = tuple[tuple[str, int], tuple[str, int]]
"""The names of the classes with the fewest and the most images, and how many these have."""


@dataclass(frozen=True)
class ClassRow:
    """One class that some of the `judged` evaluation images have, `trained` of the training images as well.

    `number` is its label, `means` are percent right by arm, for the arms that are shown.
    """

    number: int
    name: str
    trained: int | None
    judged: int
    means: Mapping[str, float]

    @property
    def mean(self) -> float:
        """Over these arms, in percent."""
        return fmean(self.means.values())

    @property
    def apart(self) -> float:
        """How far arms lie apart at most, in points."""
        return max(self.means.values()) - min(self.means.values())

    @property
    def error(self) -> float:
        """One standard error of a run's accuracy, in points; from one image more of each outcome, so never 0."""
        share = (self.mean / 100 * self.judged + 1) / (self.judged + 2)
        return 100 * math.sqrt(share * (1 - share) / self.judged)


@dataclass(frozen=True)
class Classes:
    """The classes that are judged, in the order of the data set; `arms` are those that are shown.

    `names` are those of all classes, judged or not, and `trained` how many training images each has; empty where that
    is not known. `right` is the percent right of each judged class, by number, for all arms with a finished run.
    """

    rows: tuple[ClassRow, ...]
    names: Sequence[str]
    arms: tuple[str, ...]
    trained: Sequence[int]
    right: Mapping[str, Mapping[int, float]]

    @cached_property
    def ranked(self) -> tuple[ClassRow, ...]:
        """All, the worst first."""
        return tuple(sorted(self.rows, key=lambda row: row.mean))

    @property
    def worst(self) -> tuple[ClassRow, ...]:
        """The worst first: all, or of many the first `SOME`."""
        return self.ranked if len(self.rows) <= ALL else self.ranked[:SOME]

    @property
    def telling(self) -> tuple[ClassRow, ...]:
        """Of many, those that arms differ in most, in standard errors: a few images differ by luck."""
        if len(self.rows) <= ALL or len(self.arms) < 2:
            return ()
        return tuple(row for row in sorted(self.rows, key=lambda row: -row.apart / row.error)[:SOME] if row.apart)

    @cached_property
    def median(self) -> float:
        """The median class's mean, in percent."""
        return median(row.mean for row in self.rows)

    @property
    def far(self) -> tuple[ClassRow, ...]:
        """Those far below the others, beyond what so few images would give by luck; the worst first."""
        return tuple(row for row in self.ranked if self.median - row.mean > max(FAR, ERRORS * row.error))

    @property
    def uneven(self) -> Extremes | None:
        """The extremes of the training images where these are imbalanced."""
        return _uneven(self.names, self.trained)

    @property
    def uneven_judged(self) -> Extremes | None:
        """Those of the images that are judged, of the classes that have any."""
        return _uneven([row.name for row in self.rows], [row.judged for row in self.rows])


def classes(comparison: Comparison, shown: Sequence[str]) -> Classes | None:
    """The classes of a comparison, of which some arms are shown; None where none of these has a finished run."""
    names, counts = comparison.classes, np.bincount(comparison.labels, minlength=len(comparison.classes))
    judged = np.flatnonzero(counts)
    right = {arm.name: _right(comparison, arm.name, judged) for arm in comparison.study.arms if comparison.of(arm.name)}
    arms = tuple(arm for arm in shown if arm in right)
    if not arms or not len(judged):
        return None
    trained = dict(enumerate(comparison.trained))
    rows = (
        ClassRow(i, names[i], trained.get(i), int(counts[i]), {arm: right[arm][i] for arm in arms})
        for i in map(int, judged)
    )
    return Classes(tuple(rows), names, arms, comparison.trained, right)


def _uneven(names: Sequence[str], counts: Sequence[int]) -> Extremes | None:
    """The extremes of images, so many of each class; None where they are balanced, few, or unequal by luck."""
    few, many = min(counts, default=0), max(counts, default=0)
    if many <= UNEVEN * few or mean(np.asarray(counts)) < ENOUGH or _by_luck(counts):
        return None
    return (names[counts.index(few)], few), (names[counts.index(many)], many)


def _by_luck(counts: Sequence[int]) -> bool:
    from scipy.stats import chisquare

    return bool(chisquare(counts).pvalue >= LUCK)


def _right(comparison: Comparison, arm: str, judged: NDArray[np.int64]) -> dict[int, float]:
    """The percent of each judged class that is right, mean over an arm's runs."""
    labels, classes = comparison.labels, len(comparison.classes)
    found = [np.bincount(labels[run.predictions == labels], minlength=classes)[judged] for run in comparison.of(arm)]
    shares = mean(100 * np.stack(found, axis=1) / np.bincount(labels)[judged][:, None])
    return {int(i): float(share) for i, share in zip(judged, shares, strict=True)}
