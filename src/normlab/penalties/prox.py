"""L1 by a proximal step: after the optimizer's step, every weight moves λ·pace nearer to zero and stops there.

    p ← sign(p) · max(|p| − a·λ, 0),   a the pace of the optimizer

This is proximal gradient descent on loss + λ·Σ|p|: the loss by its gradient, the penalty exactly. Weights become
exactly zero, and stay so while their mean gradient is at most λ in size, see `held`. `pace` says which threshold finds
the same minimum as the subgradient under momentum and under Adam.

Sources: N. Parikh and S. Boyd, Proximal algorithms, 2014, §4.2 and §6.5.2; for optimizers see `pace`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Self

import torch
from torch import nn

from normlab.penalties.held import Held
from normlab.penalties.pace import Pace, paces
from normlab.penalties.term import Term


class Prox(Term):
    """λ·Σ|p| by soft thresholding after each step; see the module."""

    def attach(self, model: nn.Module) -> Self:
        """See `Term.attach`."""
        super().attach(model)
        values = self.attached()
        self.held = Held(values) if values else None
        return self

    def watch(self, optimizer: torch.optim.Optimizer) -> None:
        """See `Term.watch`."""
        if self.held is not None:
            self.held.watch(optimizer)

    @torch.no_grad()
    def step(self, optimizer: torch.optim.Optimizer) -> None:
        """Move the parameters as the module says, by the pace of the optimizer's last step."""
        values = self.attached()
        if self.held is None:
            return
        self.held.seen(optimizer)
        stays = self.held.look().abs() <= self.lam
        shrink(values, [self.lam * pace for pace in paces(optimizer, values)])
        self.held.keep(stays)


def shrink(values: list[torch.Tensor], thresholds: Sequence[Pace]) -> None:
    """Soft thresholding in place, one pass over all: p ← p − clamp(p, −t, t), exactly 0 where |p| ≤ t."""
    torch._foreach_sub_(values, _inside(values, thresholds))


def _inside(values: list[torch.Tensor], thresholds: Sequence[Pace]) -> list[torch.Tensor]:
    first = thresholds[0]
    if isinstance(first, float) and all(threshold == first for threshold in thresholds):
        return list(torch._foreach_clamp_max(torch._foreach_clamp_min(values, -first), first))
    most = [torch.as_tensor(t).to(v).expand_as(v) for t, v in zip(thresholds, values, strict=True)]
    return list(torch._foreach_clamp_max(torch._foreach_clamp_min(values, torch._foreach_neg(most)), most))
