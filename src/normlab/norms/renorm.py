"""Batch renormalization: batch norm whose result in training is corrected towards that of evaluation.

    y = γ_c · (x̂ · r_c + d_c) + β_c,   x̂ = (x − μ_c) / σ_c,   σ_c = sqrt(σ²_c + eps),   μ_c, σ²_c as in batch norm
    r_c = clip(σ_c / s_c, 1/r_max, r_max),   d_c = clip((μ_c − m_c) / s_c, −d_max, d_max),   s_c = sqrt(v_c + eps)

with the running mean m and variance v from before the batch; r and d are constants to the gradient. Where nothing is
clipped, y = γ · (x − m) / s + β, what evaluation computes. The bounds open with the steps t made so far:

    r_max = 1 + 2 · min(max((t − W) / 7W, 0), 1),   d_max = 5 · min(max((t − W) / 4W, 0), 1)

so the first W steps are batch norm, d_max reaches 5 at step 5W and r_max reaches 3 at step 8W. The paper has W = 5000
for runs of more than 100,000 steps: `brn:5000`. Plain `brn` has W = 100, for runs of a few thousand. The running
averages are batch norm's (momentum 0.1, unbiased variance), where the paper averages σ and suggests 0.01: so the
correction is the only difference between the two norms. Input and output (N, C, H, W); γ and β have C values each, and
t is the buffer `num_batches_tracked`.

Source: S. Ioffe, Batch Renormalization, NeurIPS 2017, arXiv 1702.03275.
"""

import torch
from torch import nn
from torch.nn import functional as F

from normlab.norms.batch import like_batch
from normlab.norms.slot import EPS, Slot

STEPS = 100
"""W of plain `brn`."""
R_MAX, D_MAX = 3.0, 5.0
"""Where the bounds end."""


class BatchRenorm(nn.BatchNorm2d):
    """Batch renormalization; `steps` is W."""

    running_mean: torch.Tensor
    running_var: torch.Tensor
    num_batches_tracked: torch.Tensor
    momentum: float | None

    def __init__(self, channels: int, steps: int = STEPS, eps: float = EPS) -> None:
        super().__init__(channels, eps=eps)
        self.steps = steps

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(N, C, H, W) to the same shape. γ·(x̂·r + d) + β is batch norm with scale γ·r and shift γ·d + β."""
        if not self.training:
            return super().forward(x)
        r, d = self.correction(x)
        self.num_batches_tracked.add_(1)
        affine = (self.weight * r, self.weight * d + self.bias) if self.affine else (r, d)
        averages = self.running_mean, self.running_var
        momentum = 1 / float(self.num_batches_tracked) if self.momentum is None else self.momentum  # as in PyTorch's
        return F.batch_norm(x, *averages, *affine, training=True, momentum=momentum, eps=self.eps)

    @torch.no_grad()
    def correction(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """The r and d of the next step on this batch, (C,) each."""
        variance, mean = torch.var_mean(x, dim=(0, 2, 3), correction=0)
        running = (self.running_var + self.eps).sqrt()
        r_max, d_max = self.bounds()
        r = ((variance + self.eps).sqrt() / running).clamp(1 / r_max, r_max)
        return r, ((mean - self.running_mean) / running).clamp(-d_max, d_max)

    def bounds(self) -> tuple[torch.Tensor, torch.Tensor]:
        """The r_max and d_max of the next step, scalars."""
        past = (self.num_batches_tracked - self.steps).to(self.running_var) / self.steps
        return 1 + (R_MAX - 1) * (past / 7).clamp(0, 1), D_MAX * (past / 4).clamp(0, 1)

    def extra_repr(self) -> str:
        """With the steps before the bounds open."""
        return f"{super().extra_repr()}, steps={self.steps}"  # type: ignore[no-untyped-call]

    def plain(self) -> nn.BatchNorm2d:
        """The batch norm that it is in evaluation."""
        return like_batch(self)


def renorm(slot: Slot, steps: int = STEPS) -> nn.Module:
    """Batch renormalization for the slot's channels, its bounds opening after `steps`."""
    return BatchRenorm(slot.channels, steps)
