"""RMS norm: each image divided by its root mean square over all channels and positions; no mean is taken away.

    y = γ_c · x / sqrt(mean_n(x²) + eps) + β_c,   the mean over (C, H, W) of image n

Input and output (N, C, H, W); γ and β have C values each. The paper has no β; it stands here because one affine
setting in every arm keeps the statistics the only difference. Training and evaluation are the same function.

Source: B. Zhang and R. Sennrich, Root Mean Square Layer Normalization, NeurIPS 2019, arXiv 1910.07467.
"""

import torch
from torch import nn

from normlab.norms.slot import EPS, Slot


class RMSNormImage(nn.Module):
    """RMS norm over (C, H, W) of each image, with γ and β per channel."""

    def __init__(self, channels: int, eps: float = EPS) -> None:
        super().__init__()
        self.eps = eps
        self.weight = nn.Parameter(torch.ones(channels))
        self.bias = nn.Parameter(torch.zeros(channels))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(N, C, H, W) to the same shape; any number of dimensions may stand behind the channels."""
        scale = torch.rsqrt(x.square().mean(dim=tuple(range(1, x.ndim)), keepdim=True) + self.eps)
        along = (1, -1, *[1] * (x.ndim - 2))
        return x * scale * self.weight.view(along) + self.bias.view(along)


class RMSNormFeatures(RMSNormImage):
    """RMS norm over the last dimension of (N, …, C), the features of each position, as transformers have it."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(N, …, C) to the same shape."""
        return nn.functional.rms_norm(x, self.weight.shape, self.weight, self.eps) + self.bias


def rms(slot: Slot) -> nn.Module:
    """RMS norm for the slot's channels."""
    return RMSNormImage(slot.channels)
