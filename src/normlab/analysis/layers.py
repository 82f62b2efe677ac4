"""What is left of each layer: exact zeros, near zeros, and output channels without a single weight."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from normlab.analysis.arms import Estimate, over
from normlab.analysis.sparsity import kernels_of
from normlab.records import NEAR_ZERO, Comparison, RunRecord
from normlab.spec import Arm


@dataclass(frozen=True)
class LayerRow:
    """One kernel of an arm at the final epoch: percent of its weights, and dead channels of all, over seeds."""

    kernel: str
    weights: int
    channels: int
    zero: Estimate
    near_zero: Estimate
    dead: Estimate


@dataclass(frozen=True)
class Layers:
    """The kernels of an arm with a penalty, and how many γ of norms are exactly zero, of how many."""

    arm: Arm
    kernels: tuple[LayerRow, ...]
    idle_scales: Estimate | None
    scales: int

    @property
    def zeros(self) -> bool:
        """Whether there is an exact zero anywhere."""
        idle = self.idle_scales is not None and any(self.idle_scales.values)
        return idle or any(any(row.zero.values) for row in self.kernels)


def layers(comparison: Comparison) -> tuple[Layers, ...]:
    """The layers of every arm with a penalty and a finished run."""
    arms = [arm for arm in comparison.study.arms if arm.penalty and comparison.of(arm.name)]
    return tuple(_layers(arm, comparison.of(arm.name)) for arm in arms)


def _layers(arm: Arm, runs: list[RunRecord]) -> Layers:
    rows = tuple(_row(name, kernel, runs) for name, kernel in kernels_of(runs[0]).items())
    scales = _scales(runs[0])
    idle = over(runs, lambda run: int((_scales(run) == 0).sum())) if scales.size else None
    return Layers(arm, rows, idle, scales.size)


def _row(name: str, first: NDArray[np.generic], runs: list[RunRecord]) -> LayerRow:
    return LayerRow(
        kernel=name,
        weights=first.size,
        channels=len(first),
        zero=_over(runs, name, lambda kernel: 100 * float((kernel == 0).mean())),
        near_zero=_over(runs, name, lambda kernel: 100 * float((np.abs(kernel) < NEAR_ZERO).mean())),
        dead=_over(runs, name, lambda kernel: int((~kernel.reshape(len(kernel), -1).any(1)).sum())),
    )


def _over(runs: list[RunRecord], name: str, score: Callable[[NDArray[np.generic]], float]) -> Estimate:
    return Estimate(tuple(float(score(run.weights[name])) for run in runs))


def _scales(run: RunRecord) -> NDArray[np.float64]:
    """γ of the norms: one-dimensional, and called weight."""
    found = [value for name, value in run.weights.items() if value.ndim == 1 and name.endswith(".weight")]
    return np.concatenate(found).astype(np.float64) if found else np.empty(0)
