"""Accuracy by epoch as it grows: a curve for each run under way, and the mean of each arm's finished runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import zip_longest
from statistics import fmean
from typing import Any


class Curves:
    """Of percentages on the images that runs are judged on, each epoch's."""

    def __init__(self, arms: Sequence[str]) -> None:
        self.finished: dict[str, list[list[float]]] = {arm: [] for arm in arms}
        self.growing: dict[str, dict[int, float]] = {}

    def grow(self, run: str, epoch: int, accuracy: float) -> None:
        """An epoch of a run under way; of one that goes on from a checkpoint the first ones are not told."""
        self.growing.setdefault(run, {})[epoch] = accuracy

    def keep(self, run: str, arm: str, accuracies: Sequence[float]) -> None:
        """A run is finished; one that diverged in its first epoch has no accuracies."""
        self.growing.pop(run, None)
        self.finished.setdefault(arm, []).append([*accuracies])

    def drop(self) -> None:
        """Nothing is under way any more."""
        self.growing.clear()

    def picture(self) -> dict[str, Any]:
        """As JSON has it."""
        return {
            "means": {arm: _mean(runs) for arm, runs in self.finished.items() if any(runs)},
            "growing": [
                {"run": run, "arm": run.rpartition(" · seed ")[0], "values": _in_order(values)}  # see `Job.name`
                for run, values in self.growing.items()
            ],
        }


def _in_order(values: Mapping[int, float]) -> list[float | None]:
    """By epoch, from the first; None for those that were not told."""
    return [values.get(epoch) for epoch in range(1, max(values) + 1)]


def _mean(runs: Sequence[Sequence[float]]) -> list[float]:
    """Of each epoch, over the runs that came so far."""
    return [fmean(value for value in epoch if value is not None) for epoch in zip_longest(*runs)]
