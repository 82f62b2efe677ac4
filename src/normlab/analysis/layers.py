"""What is left of each layer: exact zeros, near zeros, and output channels without a single weight."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from normlab.analysis.arms import Estimate, over
from normlab.analysis.parts import split
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
    """The layers of every arm with a penalty and a finished run whose weights can be opened."""
    arms = [arm for arm in comparison.study.arms if arm.recipe.penalty.lam and comparison.whole(arm.name)]
    return tuple(_layers(arm, comparison.whole(arm.name)) for arm in arms)


def _layers(arm: Arm, runs: list[RunRecord]) -> Layers:
    counted = [_counted(run) for run in runs]
    rows = tuple(_row(name, [each.kernels[name] for each in counted]) for name in counted[0].kernels)
    scales = counted[0].scales
    return Layers(arm, rows, over(counted, lambda each: each.idle) if scales else None, scales)


@dataclass(frozen=True)
class _Kernel:
    """One run's kernel in numbers: percent of its weights, and channels."""

    weights: int
    channels: int
    zero: float
    near_zero: float
    dead: int


@dataclass(frozen=True)
class _Counted:
    """What is left of one run's weights, which are opened once and not held."""

    kernels: dict[str, _Kernel]
    scales: int
    idle: int


def _counted(run: RunRecord) -> _Counted:
    kernels, gammas = split(run)
    idle = sum(int((gamma == 0).sum()) for gamma in gammas.values())
    found = {name: _kernel(kernel) for name, kernel in kernels.items()}
    return _Counted(found, sum(gamma.size for gamma in gammas.values()), idle)


def _kernel(kernel: NDArray[np.generic]) -> _Kernel:
    return _Kernel(
        weights=kernel.size,
        channels=len(kernel),
        zero=100 * float((kernel == 0).mean()),
        near_zero=100 * float((np.abs(kernel) < NEAR_ZERO).mean()),
        dead=int((~kernel.reshape(len(kernel), -1).any(1)).sum()),
    )


def _row(name: str, runs: list[_Kernel]) -> LayerRow:
    return LayerRow(
        kernel=name,
        weights=runs[0].weights,
        channels=runs[0].channels,
        zero=Estimate(tuple(run.zero for run in runs)),
        near_zero=Estimate(tuple(run.near_zero for run in runs)),
        dead=Estimate(tuple(float(run.dead) for run in runs)),
    )
