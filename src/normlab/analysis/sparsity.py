"""What an L1 penalty did to the weights: their sum, how many are zero or nearly, and the train-test gap."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from normlab.analysis.arms import Estimate, over
from normlab.analysis.parts import sizes
from normlab.records import Comparison, KernelSize, RunRecord
from normlab.spec import KINDS, Arm


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
    """Arms by all but their penalty, without one before with it; empty for a study without a penalty."""
    arms = comparison.study.arms
    if not any(arm.recipe.penalty.lam for arm in arms):
        return ()
    bases = list(dict.fromkeys(arm.base for arm in arms))
    ordered = sorted(arms, key=lambda arm: (bases.index(arm.base), _kind(arm), arm.recipe.penalty.lam))
    return tuple(_row(arm, comparison.of(arm.name)) for arm in ordered)


def _kind(arm: Arm) -> int:
    return 1 + KINDS.index(arm.recipe.penalty.kind) if arm.recipe.penalty.lam else 0


def percent(run: RunRecord, count: Callable[[KernelSize], int]) -> float:
    """How many of the weights of all kernels are counted after the final epoch, in percent of them."""
    return 100 * sum(map(count, sizes(run))) / sum(size.weights for size in sizes(run))


def _row(arm: Arm, runs: list[RunRecord]) -> SparsityRow:
    filled = [run for run in runs if sizes(run)]
    return SparsityRow(
        arm=arm,
        weights=sum(size.weights for size in sizes(runs[0])) if runs else 0,
        abs_sum=over(filled, lambda run: sum(size.abs_sum for size in sizes(run))),
        zero=over(filled, lambda run: percent(run, lambda size: size.zeros)),
        near_zero=over(filled, lambda run: percent(run, lambda size: size.near_zeros)),
        train=over(runs, lambda run: run.final.train_accuracy),
        judged=over(runs, lambda run: run.final.judged_accuracy),
        gap=over(runs, lambda run: run.final.train_accuracy - run.final.judged_accuracy),
    )
