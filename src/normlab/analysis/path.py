"""A path along λ: what each λ reached and left, which one was chosen, and what that was worth on test images."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from normlab.analysis import parts
from normlab.analysis.arms import Estimate, over
from normlab.analysis.choice import Choice, choices
from normlab.analysis.sparsity import percent
from normlab.records import Comparison, RunRecord
from normlab.spec import Arm
from normlab.stats.intervals import Interval, paired_t

SHOWN = 80
"""At most so many coefficients are drawn of a path: the smallest kernel's, or every n-th of them."""


@dataclass(frozen=True)
class Point:
    """One λ of a path: accuracy on held-out images and exact zeros among the kernels, both percent, by seed."""

    arm: Arm
    accuracy: Estimate
    zero: Estimate
    near_zero: Estimate

    @property
    def lam(self) -> float:
        """Its λ, 0 without a penalty."""
        return self.arm.recipe.penalty.lam


@dataclass(frozen=True)
class Tested:
    """Test accuracies in percent of the chosen networks and of those without a penalty, and their paired difference."""

    chosen: Estimate
    plain: Estimate
    interval: Interval | None

    @property
    def difference(self) -> float:
        """Mean of chosen − plain in percentage points."""
        return self.chosen.mean - self.plain.mean


@dataclass(frozen=True)
class Path:
    """A path: its points by rising λ, the first without a penalty, and the choice among them.

    `near` is the point with the largest λ whose mean accuracy is at most the study's margin below that without a
    penalty; None where there is none, or no arm without a penalty. `weights` are the coefficients of one kernel on the
    first seed that has all points, (points, coefficients), and `kernel` is that kernel's name; both empty where there
    is no such seed.
    """

    choice: Choice
    points: tuple[Point, ...]
    tested: Tested | None
    near: Point | None
    kernel: str
    weights: NDArray[np.float64]

    @property
    def chosen(self) -> Point:
        """The point of the chosen λ."""
        return next(point for point in self.points if point.arm == self.choice.chosen)

    @property
    def best(self) -> Point:
        """The point with the highest accuracy."""
        return next(point for point in self.points if point.arm == self.choice.best)


def paths(comparison: Comparison) -> tuple[Path, ...]:
    """The paths of a study; empty where it has none."""
    return tuple(_path(choice, comparison) for choice in choices(comparison))


def _path(choice: Choice, comparison: Comparison) -> Path:
    kernel, weights = _coefficients([comparison.whole(arm.name) for arm in choice.arms])
    points = tuple(_point(arm, comparison) for arm in choice.arms)
    near = _near(points, comparison.study.verdict.margin)
    return Path(choice, points, _tested(choice, comparison), near, kernel, weights)


def _near(points: Sequence[Point], margin: float) -> Point | None:
    plain, *others = points
    close = [point for point in others if point.accuracy.mean >= plain.accuracy.mean - margin]
    return close[-1] if close and not plain.lam else None


def _point(arm: Arm, comparison: Comparison) -> Point:
    runs = comparison.of(arm.name)
    scores = (
        over(runs, lambda run: run.final.judged_accuracy),
        over(runs, lambda run: percent(run, lambda size: size.zeros)),
        over(runs, lambda run: percent(run, lambda size: size.near_zeros)),
    )
    accuracy, zero, near = (score for score in scores if score is not None)
    return Point(arm, accuracy, zero, near)


def _tested(choice: Choice, comparison: Comparison) -> Tested | None:
    known = [comparison.tested.get(arm.name) for arm in (choice.chosen, choice.arms[0])]
    if choice.arms[0].recipe.penalty.lam or known[0] is None or known[1] is None:
        return None
    chosen, plain = (Estimate(tuple(values)) for values in known if values is not None)
    paired = len(chosen.values) == len(plain.values) > 1
    interval = paired_t(np.subtract(chosen.values, plain.values)) if paired else None
    return Tested(chosen, plain, interval)


def _coefficients(runs: Sequence[Sequence[RunRecord]]) -> tuple[str, NDArray[np.float64]]:
    seeds = set.intersection(*({run.seed for run in each} for each in runs))
    if not seeds:
        return "", np.empty((0, 0))
    along = [next(run for run in each if run.seed == min(seeds)) for each in runs]
    sizes = {size.kernel: size.weights for size in parts.sizes(along[0])}
    kernel = min(sorted(sizes), key=lambda name: sizes[name])  # few enough to be told apart
    rows = np.stack([run.weights[kernel].ravel() for run in along]).astype(np.float64)
    return kernel, rows[:, :: -(-rows.shape[1] // SHOWN)]
