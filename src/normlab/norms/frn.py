"""Filter response norm: each channel of each image divided by its root mean square, then a learned threshold.

    y = max(γ_c · x / sqrt(ν²_nc + eps) + β_c, τ_c),   ν²_nc the mean of x² over (H, W) of image n and channel c

The maximum is the paper's thresholded linear unit, an activation in the norm: τ is learned and starts at 0, so the norm
begins as one followed by ReLU. A model's own ReLU stays where it is, whichever norm fills the slot. Before the norm, as
in `lean` and `course`, it makes x at least 0, and the arm has one nonlinearity more than others; behind it, only
max(τ, 0) counts. Either way an arm with `frn` differs from one with `bn` by its activation too.

eps is that of every norm here, 1e-5, and fixed. The paper has 1e-6, and learns it for 1×1 planes only; the two differ
in channels whose root mean square is below about 0.01, and one eps in all arms leaves no second difference. Input and
output (N, C, H, W); γ, β and τ have C values each. Training and evaluation are the same function.

Source: S. Singh and S. Krishnan, Filter Response Normalization Layer, CVPR 2020, arXiv 1911.09737.
"""

import torch
from torch import nn

from normlab.norms.slot import EPS, Slot


class FilterResponseNorm(nn.Module):
    """Filter response norm with its thresholded linear unit; τ is `threshold`."""

    def __init__(self, channels: int, eps: float = EPS) -> None:
        super().__init__()
        self.eps = eps
        self.weight = nn.Parameter(torch.ones(channels))
        self.bias = nn.Parameter(torch.zeros(channels))
        self.threshold = nn.Parameter(torch.zeros(channels))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(N, C, H, W) to the same shape."""
        scale = torch.rsqrt(x.square().mean(dim=(2, 3), keepdim=True) + self.eps)
        y = x * scale * self.weight.view(1, -1, 1, 1) + self.bias.view(1, -1, 1, 1)
        return torch.maximum(y, self.threshold.view(1, -1, 1, 1))


def frn(slot: Slot) -> nn.Module:
    """Filter response norm for the slot's channels."""
    return FilterResponseNorm(slot.channels)
