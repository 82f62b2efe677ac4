"""What an L1 penalty did to the weights: their sum, how many are zero or nearly, and the train-test gap."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from normlab.analysis.arms import Estimate, over
from normlab.records import NEAR_ZERO, Comparison, RunRecord
from normlab.spec import KINDS, Arm

KERNELS = (2, 4)
"""Axes of a linear layer's and of a convolution's kernel; 3 are the γ (C, H, W) of a norm with a value per element."""


@dataclass(frozen=True)
class SparsityRow:
    """The weights of an arm at the final epoch, and its accuracies there; None where no run has finished.

    `abs_sum` is Σ|w| over the weights of convolutions and linear layers in every arm, whatever its penalty acts on, so
    that arms can be compared. `zero` and `near_zero` are percent of these weights, accuracies percent, `gap` is train −
    evaluation accuracy in percentage points.
    """

    arm: Arm
    weights: int
    abs_sum: Estimate | None
    zero: Estimate | None
    near_zero: Estimate | None
    train: Estimate | None
    judged: Estimate | None
    gap: Estimate | None


def rows(comparison: Comparison) -> tuple[SparsityRow, ...]:
    """Arms by norm and preprocessing, without the penalty before with it; empty for a study without a penalty."""
    arms = comparison.study.arms
    if not any(arm.penalty for arm in arms):
        return ()
    bases = list(dict.fromkeys(arm.base for arm in arms))
    ordered = sorted(arms, key=lambda arm: (bases.index(arm.base), _kind(arm), arm.lam))
    return tuple(_row(arm, comparison.of(arm.name)) for arm in ordered)


def _kind(arm: Arm) -> int:
    return 1 + KINDS.index(arm.penalty.kind) if arm.penalty else 0


def kernels_of(run: RunRecord) -> dict[str, NDArray[np.generic]]:
    """The weights of convolutions and linear layers by name, in the order of their names."""
    return {name: run.weights[name] for name in sorted(run.weights) if _is_kernel(name, run.weights[name])}


def _is_kernel(name: str, value: NDArray[np.generic]) -> bool:
    return value.ndim in KERNELS and name.endswith("weight")


def penalised(run: RunRecord) -> NDArray[np.float64]:
    """All weights of convolutions and linear layers in one row, shape (weights,): biases and norms are left out."""
    arrays = [kernel.ravel() for kernel in kernels_of(run).values()]
    return np.concatenate(arrays).astype(np.float64) if arrays else np.empty(0)


def _row(arm: Arm, runs: list[RunRecord]) -> SparsityRow:
    sizes = {run.seed: np.abs(penalised(run)) for run in runs}
    filled = [run for run in runs if sizes[run.seed].size]
    return SparsityRow(
        arm=arm,
        weights=sizes[runs[0].seed].size if runs else 0,
        abs_sum=over(filled, lambda run: sizes[run.seed].sum()),
        zero=over(filled, lambda run: 100 * (sizes[run.seed] == 0).mean()),
        near_zero=over(filled, lambda run: 100 * (sizes[run.seed] < NEAR_ZERO).mean()),
        train=over(runs, lambda run: run.final.train_accuracy),
        judged=over(runs, lambda run: run.final.judged_accuracy),
        gap=over(runs, lambda run: run.final.train_accuracy - run.final.judged_accuracy),
    )
