"""Group lasso on channels: λ·Σ_c √n·‖W_c‖₂ over output channels c of n weights each, by a proximal step.

    W_c ← W_c · max(1 − a·λ·√n / ‖W_c‖₂, 0),   a the pace of the optimizer

A whole channel becomes zero or none of it does, and it stays so while its mean gradient is at most λ·√n long (`held`).
√n makes λ comparable between layers, and to an L1 of the same λ: for weights of one size in a channel both penalties
are equal. Where each element has its own pace (Adam), the minimum of Σ(x − z)²/(2a) + λ√n·‖x‖ has no closed form;
x = z·θ/(θ + a·λ√n) with θ = ‖x‖ the root of one equation.

Sources: M. Yuan and Y. Lin, Model selection and estimation in regression with grouped variables, JRSS B 68, 2006;
W. Wen et al., Learning structured sparsity in deep neural networks, NeurIPS 2016.
"""

from __future__ import annotations

from math import sqrt

import torch
from torch import nn

from normlab.penalties.pace import Pace
from normlab.penalties.proximal import Proximal
from normlab.penalties.scope import Named, among

NEWTON_STEPS = 30
"""From below the root of a convex, decreasing function Newton's method rises to it, doubling its digits at the end."""


class Group(Proximal):
    """λ·Σ_c √n·‖W_c‖₂ over the output channels of kernels; see the module."""

    def targets(self, model: nn.Module) -> Named:
        """The kernels in scope: only they have channels."""
        return among(model, "weights", self.on)

    def value(self, model: nn.Module) -> torch.Tensor:
        """λ·Σ_c √n·‖W_c‖₂, a scalar."""
        channels = [value.flatten(1) for value in self.values(model)]
        parts = [sqrt(rows.shape[1]) * rows.norm(dim=1).sum() for rows in channels]
        return self.lam * (torch.stack(parts).sum() if parts else torch.zeros(()))

    def stays(self, mean: torch.Tensor) -> torch.Tensor:
        """For all of a channel if its mean gradients are at most λ·√n long together."""
        return torch.cat([self._stays(part.flatten(1)) for part in self.apart(mean)])

    def shrink(self, values: list[torch.Tensor], steps: list[Pace]) -> None:
        """Every channel λ·√n·pace nearer to zero."""
        for value, pace in zip(values, steps, strict=True):
            rows = value.flatten(1)
            value.copy_(shrunk(rows, pace, self.lam * sqrt(rows.shape[1])).view_as(value))

    def _stays(self, means: torch.Tensor) -> torch.Tensor:
        """Whether each channel's mean gradients (channels, n) would hold it at zero, for each of its elements."""
        square = means.square().sum(1, keepdim=True)
        return (square <= self.lam**2 * means.shape[1]).expand_as(means).flatten()


def shrunk(rows: torch.Tensor, pace: Pace, tau: float) -> torch.Tensor:
    """The minimum of Σ(x − z)²/(2·pace) + tau·‖x‖ for each row z, (channels, n)."""
    if isinstance(pace, float):
        kept: torch.Tensor = (1 - pace * tau / rows.norm(dim=1, keepdim=True)).clamp_min(0).nan_to_num(0)
        return rows * kept
    push = pace.flatten(1) * tau
    theta = _size(rows, push)
    return rows * (theta / (theta + push)).nan_to_num(0)


def _size(rows: torch.Tensor, push: torch.Tensor) -> torch.Tensor:
    """θ of each row, (channels, 1): the root of Σ(z/(θ + push))² = 1, 0 where there is none."""
    theta = torch.zeros_like(rows[:, :1])
    if not push.any():
        return rows.square().sum(1, keepdim=True).sqrt()
    for _ in range(NEWTON_STEPS):
        parts = (rows / (theta + push)).square()
        slope = -2 * (parts / (theta + push)).sum(1, keepdim=True)
        theta = (theta - (parts.sum(1, keepdim=True) - 1) / slope).nan_to_num(0).clamp_min(0)
    return theta
