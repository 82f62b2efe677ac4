"""Layer norm with an affine value per element, PyTorch's `LayerNorm([C, H, W])`.

    y = γ_chw · (x − μ_n) / sqrt(σ²_n + eps) + β_chw,   μ_n, σ²_n over (C, H, W) of image n, biased variance

The statistics are those of `ln`, but γ and β have C·H·W values each, often many times the rest of a small network:
compare the arms' parameter counts before comparing their accuracy. Input and output (N, C, H, W), for one H and W.

Source: J. L. Ba, J. R. Kiros and G. E. Hinton, Layer Normalization, arXiv 1607.06450.
"""

from torch import nn

from normlab.errors import NetworkError
from normlab.norms.slot import EPS, Slot


def layer_chw(slot: Slot) -> nn.Module:
    """Layer norm with γ and β of shape (C, H, W); raises `NetworkError` where the slot has no size."""
    if slot.size is None:
        raise NetworkError(f"layer {slot.name}: ln-chw needs the size of what passes, which the model does not say")
    return nn.LayerNorm([slot.channels, *slot.size], eps=EPS)
