"""L1 by a proximal step: after the optimizer's step, every weight moves λ·pace nearer to zero and stops there.

    p ← sign(p) · max(|p| − a·λ, 0),   a the pace of the optimizer

This is proximal gradient descent on loss + λ·Σ|p|: the loss by its gradient, the penalty exactly. Weights become
exactly zero, and stay so while their mean gradient is at most λ in size, see `held`. `pace` says which threshold finds
the same minimum as the subgradient under momentum and under Adam.

Sources: N. Parikh and S. Boyd, Proximal algorithms, 2014, §4.2 and §6.5.2; for optimizers see `pace`.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch

from normlab.penalties.pace import Pace
from normlab.penalties.proximal import Proximal


class Prox(Proximal):
    """λ·Σ|p| by soft thresholding after each step; see the module."""

    def stays(self, mean: torch.Tensor) -> torch.Tensor:
        """Where the mean gradient is at most λ in size."""
        return mean.abs() <= self.lam

    def shrink(self, values: list[torch.Tensor], steps: list[Pace]) -> None:
        """Every parameter λ·pace nearer to zero."""
        threshold(values, [self.lam * pace for pace in steps])


def threshold(values: list[torch.Tensor], thresholds: Sequence[Pace]) -> None:
    """Soft thresholding in place, one pass over all: p ← p − clamp(p, −t, t), exactly 0 where |p| ≤ t."""
    torch._foreach_sub_(values, _inside(values, thresholds))


def _inside(values: list[torch.Tensor], thresholds: Sequence[Pace]) -> list[torch.Tensor]:
    first = thresholds[0]
    if isinstance(first, float) and all(threshold == first for threshold in thresholds):
        return list(torch._foreach_clamp_max(torch._foreach_clamp_min(values, -first), first))
    most = [torch.as_tensor(t).to(v).expand_as(v) for t, v in zip(thresholds, values, strict=True)]
    return list(torch._foreach_clamp_max(torch._foreach_clamp_min(values, torch._foreach_neg(most)), most))
