"""Dynamic tanh: no statistics at all, a learned squashing in the place of a norm.

    y = γ_c · tanh(α · x) + β_c,   one α for the layer, 0.5 at first

Input and output (N, C, H, W); γ and β have C values each, α one. There is no eps, as nothing is divided by. Training
and evaluation are the same function. The scale of what comes in is squashed and not divided away, so the kernel in
front is not scale-free.

Source: J. Zhu et al., Transformers without Normalization, CVPR 2025, arXiv 2503.10622.
"""

import torch
from torch import nn

from normlab.norms.slot import Slot

ALPHA = 0.5
"""Where α starts."""


class DynamicTanh(nn.Module):
    """Dynamic tanh with γ and β per channel; α is `alpha`, of shape (1,)."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.alpha = nn.Parameter(torch.full((1,), ALPHA))
        self.weight = nn.Parameter(torch.ones(channels))
        self.bias = nn.Parameter(torch.zeros(channels))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(N, C, H, W) to the same shape; any number of dimensions may stand behind the channels."""
        along = (1, -1, *[1] * (x.ndim - 2))
        return torch.tanh(self.alpha * x) * self.weight.view(along) + self.bias.view(along)


class DynamicTanhFeatures(DynamicTanh):
    """Dynamic tanh over the last dimension of (N, …, C), as in transformers."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(N, …, C) to the same shape."""
        return torch.tanh(self.alpha * x) * self.weight + self.bias


def dyt(slot: Slot) -> nn.Module:
    """Dynamic tanh for the slot's channels."""
    return DynamicTanh(slot.channels)
