"""Norms that still count channels which are not there any more.

Each removed channel held one number at every position, so what it gives to a group's mean and variance is known: per
group the number of removed channels, their mean and their sum of squared deviations. Chan's formula puts them together
with the channels that are left, in two passes, so that no variance is a difference of large numbers.

Source: T. F. Chan, G. H. Golub and R. J. LeVeque, Algorithms for computing the sample variance, 1983.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

import torch
from torch import nn

from normlab.norms.rms import RMSNormImage


class CountedGroupNorm(nn.Module):
    """Group norm over groups of unequal size, of which some channels are constants that are only counted.

    Args:
        sizes: the channels of each group that are there, in a row.
        counts: how many constant channels each group has beside them.
        eps: as in the norm that it stands for.

    `constant_mean` and `constant_square` (groups,) are the mean of each group's constants and the sum of their squared
    deviations from it. γ and β have a value for each channel that is there.
    """

    def __init__(self, sizes: Sequence[int], counts: Sequence[int], eps: float) -> None:
        super().__init__()
        self.sizes, self.counts, self.eps = list(sizes), list(counts), eps
        self.weight = nn.Parameter(torch.ones(sum(sizes)))
        self.bias = nn.Parameter(torch.zeros(sum(sizes)))
        self.register_buffer("constant_mean", torch.zeros(len(sizes)))
        self.register_buffer("constant_square", torch.zeros(len(sizes)))
        groups = torch.arange(len(sizes)).repeat_interleave(torch.tensor(sizes))
        members = nn.functional.one_hot(groups, len(sizes)).to(torch.get_default_dtype())
        self.register_buffer("members", members, persistent=False)
        totals = torch.tensor([float(s + c) for s, c in zip(sizes, counts, strict=True)])
        self.register_buffer("share", torch.tensor(list(map(float, counts))) / totals, persistent=False)
        self.register_buffer("totals", totals, persistent=False)

    constant_mean: torch.Tensor
    constant_square: torch.Tensor
    members: torch.Tensor
    share: torch.Tensor
    totals: torch.Tensor

    @classmethod
    def of(cls, norm: Any, kept: torch.Tensor, constants: torch.Tensor) -> Self:
        """The norm on the channels that are `kept`, (C,); the others hold `constants`, (C,). Groups without any go."""
        groups = kept.view(norm.num_groups, -1)
        alive = groups.any(1)
        sizes, counts = groups.sum(1)[alive], (~groups).sum(1)[alive]
        held = torch.where(groups, 0, constants.view(norm.num_groups, -1))[alive]
        mean = held.sum(1) / counts.clamp(min=1)
        counted = cls(sizes.tolist(), counts.tolist(), norm.eps).to(norm.weight.dtype)
        with torch.no_grad():
            counted.weight.copy_(norm.weight[kept])
            counted.bias.copy_(norm.bias[kept])
            counted.constant_mean.copy_(mean)
            deviations = torch.where(groups[alive], 0, held - mean[:, None])
            counted.constant_square.copy_(deviations.square().sum(1))
        return counted

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(N, C, H, W) to the same shape, C the channels that are there."""
        variances, means = torch.var_mean(x, dim=(2, 3), correction=0)
        mean = (means @ self.members) / self.totals + self.share * self.constant_mean
        spread = mean @ self.members.T
        square = (variances + (means - spread).square()) @ self.members + self.constant_square
        variance = square / self.totals + self.share * (self.constant_mean - mean).square()
        scale = (variance + self.eps).rsqrt() @ self.members.T * self.weight
        shift = self.bias - spread * scale
        return x * scale[:, :, None, None] + shift[:, :, None, None]


class CountedRMSNorm(nn.Module):
    """RMS norm over (C, H, W) of which some channels are constants: y = γ_c · x / sqrt(share·mean(x²) + rest) + β_c.

    Args:
        channels: those that are there.
        share: their part of all channels.
        rest: what the others add to the mean square, and eps.
    """

    def __init__(self, channels: int, share: float, rest: float) -> None:
        super().__init__()
        self.channels, self.share, self.rest = channels, share, rest
        self.weight = nn.Parameter(torch.ones(channels))
        self.bias = nn.Parameter(torch.zeros(channels))

    @classmethod
    def of(cls, norm: RMSNormImage, kept: torch.Tensor, constants: torch.Tensor) -> Self:
        """The norm on the channels that are `kept`, (C,); the others hold `constants`, (C,)."""
        rest = torch.where(kept, 0, constants).square().mean() + norm.eps
        counted = cls(int(kept.sum()), float(kept.double().mean()), float(rest)).to(norm.weight.dtype)
        with torch.no_grad():
            counted.weight.copy_(norm.weight[kept])
            counted.bias.copy_(norm.bias[kept])
        return counted

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(N, C, H, W) to the same shape."""
        scale = torch.rsqrt(x.square().mean(dim=(1, 2, 3), keepdim=True) * self.share + self.rest)
        return x * scale * self.weight.view(1, -1, 1, 1) + self.bias.view(1, -1, 1, 1)
