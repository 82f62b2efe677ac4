"""Modules that stand where a norm of another kind stood."""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import nn

from normlab.norms.dyt import ALPHA


class Without(nn.Identity):
    """No norm, where there was one: it remembers what passes, so that a norm can come back."""

    def __init__(
        self, channels: int, *, features: bool, eps: float, dims: int | None, affine: tuple[bool, bool]
    ) -> None:
        super().__init__()
        self.channels, self.features, self.eps, self.dims, self.affine = channels, features, eps, dims, affine

    def extra_repr(self) -> str:
        """See `nn.Module.extra_repr`."""
        return f"{self.channels}"


class FeaturesRMS(nn.Module):
    """RMS norm over the last dimension, with γ and β as layer norm has them.

        y = γ_c · x / sqrt(mean(x²) + eps) + β_c,   the mean over the C features at a position

    Input and output (N, …, C). Source: B. Zhang and R. Sennrich, arXiv 1910.07467, which has no β.
    """

    def __init__(self, features: int, eps: float) -> None:
        super().__init__()
        self.eps = eps
        self.weight = nn.Parameter(torch.ones(features))
        self.bias: torch.Tensor | None = nn.Parameter(torch.zeros(features))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(N, …, C) to the same shape."""
        y = nn.functional.rms_norm(x, self.weight.shape, self.weight, self.eps)
        return y if self.bias is None else y + self.bias


class FeaturesTanh(nn.Module):
    """Dynamic tanh over the last dimension: y = γ_c · tanh(α · x) + β_c, as in transformers (arXiv 2503.10622)."""

    def __init__(self, features: int) -> None:
        super().__init__()
        self.alpha = nn.Parameter(torch.full((1,), ALPHA))
        self.weight = nn.Parameter(torch.ones(features))
        self.bias: torch.Tensor | None = nn.Parameter(torch.zeros(features))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(N, …, C) to the same shape."""
        y = torch.tanh(self.alpha * x) * self.weight
        return y if self.bias is None else y + self.bias


class NormThen(nn.Module):
    """A norm and what stood in one module with it: dropout, an activation."""

    def __init__(self, norm: nn.Module, behind: Iterable[nn.Module]) -> None:
        super().__init__()
        self.norm, self.behind = norm, nn.Sequential(*behind)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """The norm first."""
        return torch.as_tensor(self.behind(self.norm(x)))
