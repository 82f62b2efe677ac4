"""What trials say of each arm's values: which did best, and what so many trials were to be expected to reach."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from normlab.records import Comparison
from normlab.spec import Arm, Study
from normlab.spec.fields import Value
from normlab.spec.tuning import rest


@dataclass(frozen=True)
class Trial:
    """Values of the tuned fields, and the final held-out accuracies in percent that they reached, by seed.

    A run that diverged counts as chance does.
    """

    point: tuple[tuple[str, Value], ...]
    accuracies: tuple[float, ...]

    @property
    def mean(self) -> float:
        """Over the seeds."""
        return float(np.mean(self.accuracies))


@dataclass(frozen=True)
class TunedArm:
    """An arm, called as in the study that judges it, and its trials in the order in which they are planned."""

    arm: str
    trials: tuple[Trial, ...]

    @cached_property
    def best(self) -> Trial:
        """The trial with the highest mean, the first of several."""
        return max(self.trials, key=lambda trial: trial.mean)

    @property
    def expected(self) -> tuple[float, ...]:
        """The best mean that 1, 2 … trials are expected to find, drawn from these with replacement.

        Source: J. Dodge et al., Show Your Work, EMNLP 2019, equation 1.
        """
        rising, count = np.sort([trial.mean for trial in self.trials]), len(self.trials)
        shares = np.arange(count + 1) / count
        return tuple(float(rising @ np.diff(shares**budget)) for budget in range(1, count + 1))


def of_arms(trials: Comparison, study: Study, fields: Sequence[str]) -> tuple[TunedArm, ...]:
    """The trials of each of a study's arms that has any; those whose runs are not all there are left out."""
    found: dict[tuple[tuple[str, str], ...], list[Trial]] = {}
    for arm in trials.study.arms:
        accuracies = _accuracies(trials, arm)
        if len(accuracies) == len(trials.study.seeds):
            point = tuple((path, arm.stated[path]) for path in fields)
            found.setdefault(rest(arm, fields), []).append(Trial(point, accuracies))
    mine = {arm.name: found.get(rest(arm, fields), []) for arm in study.arms}
    return tuple(TunedArm(name, tuple(tried)) for name, tried in mine.items() if tried)


def chosen(arms: Sequence[TunedArm]) -> Mapping[str, Mapping[str, Value]]:
    """The values that did best, for each arm by its name."""
    return {each.arm: dict(each.best.point) for each in arms}


def _accuracies(trials: Comparison, arm: Arm) -> tuple[float, ...]:
    finished = [run.final.judged_accuracy for run in trials.of(arm.name)]
    return (*finished, *[100 / len(trials.classes)] * len(trials.diverged(arm.name)))
