"""What a tracker is told of each run: a name, what it was made with, its measures by epoch, and whether it diverged."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from normlab.records import Comparison, Epoch, RunRecord
from normlab.report.frames import placed
from normlab.report.view import build

SCORE = "judged_accuracy"
"""The measure that verdicts are about: percent right of the images that the study judges on."""


@dataclass(frozen=True)
class LoggedRun:
    """A run as trackers keep them.

    `name` is valid as a folder's name and no other run has it; `config` has the arm, the level of each factor and the
    seed; `epochs` has measures by epoch. Of a run that diverged the score of that epoch is NaN, so that what came
    before is not taken for its end.
    """

    name: str
    arm: str
    config: Mapping[str, str | float | bool]
    epochs: Mapping[int, Mapping[str, float]]
    key: str
    diverged: bool


def logged(comparison: Comparison) -> Iterator[LoggedRun]:
    """Every run, by arm and seed."""
    taken = Counter[str]()
    for _, run, place in placed(build(comparison).facts):
        name = f"{re.sub(r'[^A-Za-z0-9.=-]+', '-', run.arm)}-seed{run.seed}"
        taken[name] += 1
        alone = name if taken[name] == 1 else f"{name}-{taken[name]}"
        config = {path: level if isinstance(level, bool | int | float) else str(level) for path, level in place.items()}
        yield LoggedRun(alone, run.arm, config, _epochs(run), run.key, run.diverged_at is not None)


def _epochs(run: RunRecord) -> dict[int, dict[str, float]]:
    found = {epoch.epoch: measured(epoch) for epoch in run.epochs}
    return found if run.diverged_at is None else {**found, run.diverged_at: {SCORE: math.nan}}


def measured(epoch: Epoch) -> dict[str, float]:
    """What trackers are told of an epoch, by the names of `Epoch`."""
    return {
        SCORE: epoch.judged_accuracy,
        "judged_loss": epoch.judged_loss,
        "train_accuracy": epoch.train_accuracy,
        "train_loss": epoch.train_loss,
        "learning_rate": epoch.learning_rate,
        "penalty": epoch.penalty,
        "abs_sum": epoch.abs_sum,
        "seconds": epoch.seconds,
    }
