"""Batch norm: each channel standardized over the batch and all positions.

    y = γ_c · (x − μ_c) / sqrt(σ²_c + eps) + β_c,   μ_c, σ²_c over (N, H, W), biased variance

In training the batch's own statistics are used and running averages kept (momentum 0.1, unbiased variance); in
evaluation the running averages are used. Input and output (N, C, H, W); γ and β have C values each.

Source: S. Ioffe and C. Szegedy, Batch Normalization, ICML 2015, arXiv 1502.03167.
"""

from torch import nn

from normlab.norms.slot import EPS, Slot


def batch(slot: Slot) -> nn.Module:
    """Batch norm for the slot's channels."""
    return nn.BatchNorm2d(slot.channels, eps=EPS)


def like_batch(norm: nn.BatchNorm2d) -> nn.BatchNorm2d:
    """The plain batch norm with the tensors and the mode of one that differs from it in training alone."""
    plain = nn.BatchNorm2d(norm.num_features, eps=norm.eps, affine=norm.affine).to(norm.running_mean)
    plain.load_state_dict(norm.state_dict())
    return plain.train(norm.training)
