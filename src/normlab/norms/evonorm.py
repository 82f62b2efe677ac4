"""EvoNorm-S0: a norm and an activation in one, found by a search over formulas.

    y = γ_c · x · sigmoid(v_c · x) / sqrt(σ²_ng + eps) + β_c,   σ²_ng over (C/G channels, H, W) of image n, biased

The numerator is Swish with a learned v, 1 at first; no mean is taken away from it. eps is the paper's 1e-5, which is
that of every norm here. A model's own ReLU stays where it is: before the norm, as in `lean` and `course`, it leaves
x ≥ 0, of which Swish bends only the part near 0. Input and output (N, C, H, W); γ, β and v have C values each. Training
and evaluation are the same function. Swish does not scale with x, so the kernel in front is not scale-free.

Source: H. Liu et al., Evolving Normalization-Activation Layers, NeurIPS 2020, arXiv 2004.02967.
"""

import torch
from torch import nn

from normlab.errors import GroupsError, NetworkError
from normlab.norms.slot import EPS, Slot


class EvoNormS0(nn.Module):
    """EvoNorm-S0 with `groups` groups; v is `slope`."""

    def __init__(self, groups: int, channels: int, eps: float = EPS) -> None:
        super().__init__()
        self.groups, self.eps = groups, eps
        self.weight = nn.Parameter(torch.ones(channels))
        self.bias = nn.Parameter(torch.zeros(channels))
        self.slope = nn.Parameter(torch.ones(channels))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(N, C, H, W) to the same shape."""
        # x.shape[0] and not len(x): an exporter is to see that any N will do
        of_groups = x.reshape(x.shape[0], self.groups, -1).var(dim=2, correction=0)
        scale = torch.rsqrt(of_groups + self.eps).repeat_interleave(x.shape[1] // self.groups, dim=1)
        swish = x * torch.sigmoid(self.slope.view(1, -1, 1, 1) * x)
        return swish * scale.view(x.shape[0], -1, 1, 1) * self.weight.view(1, -1, 1, 1) + self.bias.view(1, -1, 1, 1)


def evonorm(slot: Slot, groups: int | None = None) -> nn.Module:
    """EvoNorm-S0 with `groups` groups, or with the slot's own; `GroupsError` where they do not divide its channels."""
    wanted = groups if groups is not None else slot.groups
    if wanted is None:
        raise NetworkError(f"layer {slot.name}: the model does not say how many groups evonorm-s0 has; name them")
    if wanted < 1 or slot.channels % wanted:
        raise GroupsError(slot.name, slot.channels, f"evonorm-s0:{wanted}")
    return EvoNormS0(wanted, slot.channels)
