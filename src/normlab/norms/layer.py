"""Layer norm as the course means it: each image standardized over all its channels and positions.

    y = γ_c · (x − μ_n) / sqrt(σ²_n + eps) + β_c,   μ_n, σ²_n over (C, H, W) of image n, biased variance

This is group norm with one group, so γ and β have C values each, as many as batch norm's. Input and output
(N, C, H, W). Training and evaluation are the same function.

Source: J. L. Ba, J. R. Kiros and G. E. Hinton, Layer Normalization, arXiv 1607.06450; with the per-channel affine of
Y. Wu and K. He, arXiv 1803.08494.
"""

from torch import nn

from normlab.norms.slot import EPS, Slot


def layer(slot: Slot) -> nn.Module:
    """Layer norm with one γ and β per channel."""
    return nn.GroupNorm(1, slot.channels, eps=EPS)
