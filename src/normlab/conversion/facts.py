"""What a norm in somebody's network is: what it computes, over what, and what stands behind it."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import nn

FEATURES = ("ln", "ln-c", "rms", "dyt", "none")
"""The norms that make sense of the features of single positions, as those of tokens."""


@dataclass(frozen=True, eq=False)
class Norm:
    """A norm that is understood.

    Args:
        kind: its name, `gn` without its groups; `rms-c` is the root mean square over channels alone.
        channels: C, or the number of features.
        features: whether it acts on the last dimension, (N, …, C), and not on (N, C, …).
        module: itself.
        groups: of group norm.
        eps: what is added to the variance.
        momentum: of running statistics, None where there are none.
        dims: how many dimensions stand behind the channels, None where its class does not say.
        gain, shift: γ and β, None where it has none.
        affine: whether its author wants γ, and β: of a norm that was taken out, what it had.
        off: what is added to γ before it multiplies: 1 in Gemma's RMS norm.
        behind: what its module does to the result, in order: dropout, an activation.
    """

    kind: str
    channels: int
    features: bool
    module: nn.Module
    groups: int | None = None
    eps: float = 1e-5
    momentum: float | None = None
    dims: int | None = None
    gain: torch.Tensor | None = None
    shift: torch.Tensor | None = None
    affine: tuple[bool, bool] | None = None
    off: float = 0.0
    behind: tuple[nn.Module, ...] = ()

    @property
    def wanted(self) -> tuple[bool, bool]:
        """Whether what takes its place has γ, and β."""
        return (self.gain is not None, self.shift is not None) if self.affine is None else self.affine

    @property
    def name(self) -> str:
        """As it is written: `gn:4`, `bn`."""
        if self.kind == "gn":
            return {1: "ln", self.channels: "in"}.get(self.groups or 0, f"gn:{self.groups}")
        return self.kind


@dataclass(frozen=True)
class Unknown:
    """A module that looks like a norm, and why it is left as it is."""

    why: str
