"""Modules that stand where a norm of another kind stood."""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import nn


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


class NormThen(nn.Module):
    """A norm and what stood in one module with it: dropout, an activation."""

    def __init__(self, norm: nn.Module, behind: Iterable[nn.Module]) -> None:
        super().__init__()
        self.norm, self.behind = norm, nn.Sequential(*behind)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """The norm first."""
        y: torch.Tensor = self.behind(self.norm(x))
        return y
