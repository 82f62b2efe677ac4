"""One row for each arm: what its finished runs reached, every number unrounded."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from normlab.analysis.ends import Ends, ends, finals
from normlab.analysis.scores import Scores, scored
from normlab.outcomes import Outcome
from normlab.records import Comparison, Epoch, RunRecord
from normlab.spec import Arm
from normlab.stats import estimates

T = TypeVar("T")
WINDOW = 5
"""How many last epochs the mean of the last epochs takes, or all of a shorter run."""


@dataclass(frozen=True)
class Estimate:
    """One score of an arm: a value for each finished seed, in the order of the seeds."""

    values: tuple[float, ...]

    @property
    def mean(self) -> float:
        """The mean over seeds."""
        return float(estimates.mean(self.values))

    @property
    def sd(self) -> float | None:
        """The sample standard deviation over seeds; None for one seed."""
        spread = estimates.sd(self.values)
        return None if spread is None else float(spread)


@dataclass(frozen=True)
class Divergence:
    """A run whose loss stopped being a number, and in which epoch."""

    seed: int
    epoch: int


@dataclass(frozen=True)
class AtChance:
    """A run that ended no better than naming the commonest class each time, and its accuracy in percent."""

    seed: int
    accuracy: float


@dataclass(frozen=True)
class Collapse:
    """A run that ended far below the arm's others: its accuracy in percent, and the mean of those that did not fail."""

    seed: int
    accuracy: float
    usual: float


@dataclass(frozen=True)
class ArmRow:
    """What an arm reached. Accuracies are percent, estimates are None when no run has finished.

    `score` is the primary outcome, in its own unit, on the seeds `scored` on which it is a number: that of accuracy is
    `final`. `last` is the mean over the last `WINDOW` epochs, `best` the best epoch's score and `best_epochs` the first
    epoch of each seed that reached it; `fluctuation` is `stats.estimates.fluctuation` over the last `WINDOW` epochs.
    """

    arm: Arm
    parameters: int | None
    seeds: tuple[int, ...]
    diverged: tuple[Divergence, ...]
    at_chance: tuple[AtChance, ...]
    collapsed: tuple[Collapse, ...]
    score: Estimate | None
    scored: tuple[int, ...]
    final: Estimate | None
    last: Estimate | None
    best: Estimate | None
    best_epochs: tuple[int, ...]
    best_train: Estimate | None
    fluctuation: float | None
    seconds: Estimate | None

    @property
    def name(self) -> str:
        """The arm's name."""
        return self.arm.name

    @property
    def stuck(self) -> tuple[AtChance, ...]:
        """The runs at chance that did not collapse, as the arm's others end no better: differences have them."""
        low = {run.seed for run in self.collapsed}
        return tuple(run for run in self.at_chance if run.seed not in low)

    @property
    def unscored(self) -> tuple[int, ...]:
        """The seeds of finished runs of which what arms are judged by is no number."""
        return tuple(seed for seed in self.seeds if seed not in self.scored)

    @property
    def failed(self) -> int:
        """How many runs diverged or collapsed, or have no number."""
        return len(self.diverged) + len(self.collapsed) + len(self.unscored)


def rows(comparison: Comparison, known: Scores | None = None) -> tuple[ArmRow, ...]:
    """The arms in the order of the study; `known` are the scores of its runs."""
    scores = scored(comparison) if known is None else known
    ended = ends(finals(comparison.runs, scores), comparison.study.verdict.collapse)
    return tuple(_row(arm, comparison, scores, ended.get(arm.name, Ends())) for arm in comparison.study.arms)


def best_first(rows: Iterable[ArmRow], outcome: Outcome) -> list[ArmRow]:
    """By their means of the outcome that arms are judged by; those without one last."""
    way = -1 if outcome.higher else 1
    return sorted(rows, key=lambda row: way * row.score.mean if row.score else math.inf)


def over(runs: Iterable[T], score: Callable[[T], float]) -> Estimate | None:
    """The estimate of one score over runs; None without a run."""
    values = tuple(float(score(run)) for run in runs)
    return Estimate(values) if values else None


def _row(arm: Arm, comparison: Comparison, scores: Scores, ended: Ends) -> ArmRow:
    runs, diverged = comparison.of(arm.name), comparison.diverged(arm.name)
    known = [*runs, *diverged]
    mine = {run.seed: scores[arm.name, run.seed] for run in runs if (arm.name, run.seed) in scores}
    return ArmRow(
        arm=arm,
        parameters=known[0].parameters if known else None,
        seeds=tuple(run.seed for run in runs),
        diverged=tuple(Divergence(run.seed, run.diverged_at) for run in diverged if run.diverged_at is not None),
        at_chance=_at_chance(runs, comparison),
        collapsed=_collapsed(ended),
        score=Estimate(tuple(mine.values())) if mine else None,
        scored=tuple(mine),
        final=over(runs, lambda run: run.final.judged_accuracy),
        last=over(runs, lambda run: float(np.mean(_accuracies(run.epochs[-WINDOW:])))),
        best=over(runs, lambda run: _best(run).judged_accuracy),
        best_epochs=tuple(_best(run).epoch for run in runs),
        best_train=over(runs, lambda run: max(epoch.train_accuracy for epoch in run.epochs)),
        fluctuation=_fluctuation(runs),
        seconds=over(runs, lambda run: run.seconds),
    )


def _at_chance(runs: Sequence[RunRecord], comparison: Comparison) -> tuple[AtChance, ...]:
    """No better than one answer for all images: a constant answer gets at most the commonest class right."""
    commonest = int(np.bincount(comparison.labels).max(initial=0))
    stuck = [run for run in runs if run.final.judged_correct <= commonest]
    return tuple(AtChance(run.seed, run.final.judged_accuracy) for run in stuck)


def _collapsed(ended: Ends) -> tuple[Collapse, ...]:
    usual = over(ended.sound.values(), lambda end: end.judged_accuracy)
    if usual is None:  # where none is sound, none lies below the others
        return ()
    return tuple(Collapse(seed, end.judged_accuracy, usual.mean) for seed, end in ended.collapsed.items())


def _accuracies(epochs: Sequence[Epoch]) -> list[float]:
    return [epoch.judged_accuracy for epoch in epochs]


def _best(run: RunRecord) -> Epoch:
    """The first epoch with the most images right."""
    return max(run.epochs, key=lambda epoch: (epoch.judged_correct, -epoch.epoch))


def _fluctuation(runs: Sequence[RunRecord]) -> float | None:
    if not runs:
        return None
    jumps = estimates.fluctuation([_accuracies(run.epochs[-WINDOW:]) for run in runs])
    return None if jumps is None else float(jumps)
