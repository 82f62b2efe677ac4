"""How much of a penalty only changes the scale of weights that a norm divides away.

Let w be a kernel in front of a norm: the network depends on w/‖w‖ alone, so its gradient stands at right angles to w,
and a step of size `rate` turns w as one of size rate/‖w‖² would turn a w of length 1. Shrinking ‖w‖ is a change of the
*effective step size* and of nothing else. The pull of λ·Σ|w| is λ·sign(w), of squared length λ²n; the part of it along
w is λ·Σ|w|/‖w‖. So the share (Σ|w|)²/(n·‖w‖²) of the pull only shrinks the scale: 2/π = 64 % for normal weights, less
for sparse ones.

Sources: T. van Laarhoven, arXiv 1706.05350; E. Hoffer et al., Norm matters, NeurIPS 2018; the share is elementary.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from normlab.analysis import parts
from normlab.analysis.arms import Estimate, over
from normlab.records import Comparison, KernelSize, RunRecord, Scale
from normlab.spec import Arm
from normlab.stats.estimates import mean

PULLS = ("subgrad", "prox", "spred")
"""The kinds whose pull on a weight is λ·sign(w)."""


@dataclass(frozen=True)
class ScaleRow:
    """What scale has to do with an arm.

    `charged` is the share of Σ|w| over all kernels that is in front of norms, `along` the share of an L1's pull on them
    that only shrinks their scale (None for other penalties), both 0 to 1. `steps` is the effective step size
    rate/‖w‖² after each epoch, the geometric mean over kernels in front of norms, mean over seeds; `seen` what halving
    their scale does.
    """

    arm: Arm
    seen: Scale
    charged: Estimate
    along: Estimate | None
    steps: tuple[float, ...]


def rows(comparison: Comparison) -> tuple[ScaleRow, ...]:
    """The arms of which something stands in front of a norm and whose sizes are known; empty without a penalty."""
    if not any(arm.recipe.penalty.lam for arm in comparison.study.arms):
        return ()
    found = (_row(arm, comparison) for arm in comparison.study.arms)
    return tuple(row for row in found if row)


def _row(arm: Arm, comparison: Comparison) -> ScaleRow | None:
    seen = comparison.scales.get(arm.name)
    runs = [run for run in comparison.of(arm.name) if run.sizes]
    if seen is None or not seen.kernels or not runs:
        return None
    charged = over(runs, lambda run: _charged(parts.sizes(run), seen.kernels))
    pulls = arm.recipe.penalty.lam > 0 and arm.recipe.penalty.kind in PULLS
    along = over(runs, lambda run: _along(_in_front(parts.sizes(run), seen.kernels))) if pulls else None
    assert charged is not None, "there is a run"  # noqa: S101 - an invariant
    return ScaleRow(arm, seen, charged, along, _steps(runs, seen.kernels))


def _in_front(sizes: Sequence[KernelSize], kernels: Collection[str]) -> list[KernelSize]:
    return [size for size in sizes if size.kernel in kernels]


def _charged(sizes: Sequence[KernelSize], kernels: Collection[str]) -> float:
    whole = sum(size.abs_sum for size in sizes)
    return sum(size.abs_sum for size in _in_front(sizes, kernels)) / whole if whole else 0.0


def _along(sizes: Sequence[KernelSize]) -> float:
    """The share over all kernels together: their squared pulls add up."""
    living = [size for size in sizes if size.square_sum]
    radial = sum(size.abs_sum**2 / size.square_sum for size in living)
    return radial / sum(size.weights for size in living) if living else 0.0


def _steps(runs: Sequence[RunRecord], kernels: Collection[str]) -> tuple[float, ...]:
    each = [[_step(run, epoch.epoch, epoch.learning_rate, kernels) for epoch in run.epochs] for run in runs]
    return tuple(float(mean(values)) for values in zip(*each, strict=True))


def _step(run: RunRecord, epoch: int, rate: float, kernels: Collection[str]) -> float:
    here = [size for size in run.sizes if size.epoch == epoch and size.kernel in kernels and size.square_sum]
    logs = [math.log(rate / size.square_sum) for size in here]
    return math.exp(sum(logs) / len(logs)) if logs else math.nan
