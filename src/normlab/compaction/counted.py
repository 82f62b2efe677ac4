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
        means: the mean of each group's constants.
        squares: the sum of the squares of their differences from it.
        eps: as in the norm that it stands for.

    γ and β have a value for each channel that is there. Moments are kept for each channel rather than for each group: a
    matrix (C, C) of each channel's share in the mean of each channel's group does in one product what takes several
    small operations otherwise, which cost more than they compute.
    """

    def __init__(
        self, sizes: Sequence[int], counts: Sequence[int], means: Sequence[float], squares: Sequence[float], eps: float
    ) -> None:
        super().__init__()
        self.sizes, self.counts, self.means, self.squares = list(sizes), list(counts), list(means), list(squares)
        self.eps = eps
        self.weight = nn.Parameter(torch.ones(sum(sizes)))
        self.bias = nn.Parameter(torch.zeros(sum(sizes)))
        group = torch.arange(len(sizes)).repeat_interleave(torch.tensor(sizes))
        counted, mean, square = (torch.tensor(v, dtype=torch.float64)[group] for v in (counts, means, squares))
        total = counted + torch.tensor(sizes)[group]
        self._keep("shares", (group[:, None] == group) / total)
        self._keep("constant_share", counted / total)
        self._keep("constant_mean", mean)
        self._keep("constant_part", counted / total * mean)
        self._keep("rest", square / total + eps)

    shares: torch.Tensor
    constant_share: torch.Tensor
    constant_mean: torch.Tensor
    constant_part: torch.Tensor
    rest: torch.Tensor

    def _keep(self, name: str, value: torch.Tensor) -> None:
        """Something that follows from the arguments, so no file has it."""
        self.register_buffer(name, value.to(self.weight.dtype), persistent=False)

    @classmethod
    def of(cls, norm: Any, kept: torch.Tensor, constants: torch.Tensor) -> Self:
        """The norm on the channels that are `kept`, (C,); the others hold `constants`, (C,). Groups without any go."""
        groups = kept.view(norm.num_groups, -1)
        alive = groups.any(1)
        gone, held = ~groups[alive], constants.view(norm.num_groups, -1)[alive]
        mean = torch.where(gone, held, 0).sum(1) / gone.sum(1).clamp(min=1)
        square = torch.where(gone, held - mean[:, None], 0).square().sum(1)
        counts = (groups[alive].sum(1).tolist(), gone.sum(1).tolist())
        counted = cls(*counts, mean.tolist(), square.tolist(), norm.eps).to(norm.weight.dtype)
        with torch.no_grad():
            counted.weight.copy_(norm.weight[kept])
            counted.bias.copy_(norm.bias[kept])
        return counted

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(N, C, H, W) to the same shape, C the channels that are there."""
        means = x.mean((2, 3))
        centred = x - means[:, :, None, None]
        variances = (centred * centred).mean((2, 3))
        mean = torch.addmm(self.constant_part, means, self.shares)
        gap, far = means - mean, self.constant_mean - mean
        variance = torch.addmm(self.rest, variances + gap * gap, self.shares) + self.constant_share * far * far
        scale = variance.rsqrt() * self.weight
        return centred * scale[:, :, None, None] + (gap * scale + self.bias)[:, :, None, None]


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
        scale = torch.rsqrt((x * x).mean(dim=(1, 2, 3), keepdim=True) * self.share + self.rest)
        return x * (scale * self.weight.view(1, -1, 1, 1)) + self.bias.view(1, -1, 1, 1)
