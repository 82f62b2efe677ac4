"""Instance norm: each channel of each image standardized over its positions.

    y = γ_c · (x − μ_nc) / sqrt(σ²_nc + eps) + β_c,   μ_nc, σ²_nc over (H, W) of image n and channel c, biased

Input and output (N, C, H, W); γ and β have C values each, and no running statistics are kept, so that training and
evaluation are the same function. It is group norm with C groups.

Source: D. Ulyanov, A. Vedaldi and V. Lempitsky, Instance Normalization, arXiv 1607.08022.
"""

from torch import nn

from normlab.norms.group import group
from normlab.norms.slot import Slot


def instance(slot: Slot) -> nn.Module:
    """Instance norm with a learned γ and β per channel, as every other norm has (PyTorch's default has none)."""
    return group(slot, slot.channels)
