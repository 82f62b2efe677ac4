"""Layer norm over the channels of each position, as in ConvNeXt.

    y = γ_c · (x − μ_nhw) / sqrt(σ²_nhw + eps) + β_c,   μ_nhw, σ²_nhw over the C channels at one position, biased

Input and output (N, C, H, W); γ and β have C values each. Training and evaluation are the same function.

Source: Z. Liu et al., A ConvNet for the 2020s, CVPR 2022, arXiv 2201.03545.
"""

import torch
from torch import nn

from normlab.norms.slot import EPS, Slot


class LayerNormChannels(nn.LayerNorm):
    """`LayerNorm` over dimension 1 of (N, C, H, W)."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Channels last, normalize, channels back: for a channels_last tensor both moves are free."""
        return super().forward(x.movedim(1, -1)).movedim(-1, 1)


def layer_c(slot: Slot) -> nn.Module:
    """Layer norm over channels only."""
    return LayerNormChannels(slot.channels, eps=EPS)
