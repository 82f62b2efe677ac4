"""What a norm in somebody's network is: what it computes, over what, and what stands behind it."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import nn

from normlab.norms.registry import OF_TOKENS

FEATURES = (*OF_TOKENS, "ln-c")
"""The norms that make sense of the features of single positions, as those of tokens; of these, `ln` is `ln-c`."""


@dataclass(frozen=True, eq=False)
class Norm:
    """A norm that is understood.

    Args:
        name: what it is called, as `kinds.name` does; `rms-c` is the root mean square over channels alone.
        channels: C, or the number of features.
        features: whether it acts on the last dimension, (N, …, C), and not on (N, C, …).
        module: itself.
        eps: what is added to the variance.
        momentum: of running statistics, None where there are none.
        dims: how many dimensions stand behind the channels, None where its class does not say.
        gain, shift: γ and β, None where it has none.
        affine: whether its author wants γ, and β: of a norm that was taken out, what it had.
        off: what is added to γ before it multiplies: 1 in Gemma's RMS norm.
        behind: what its module does to the result, in order: dropout, an activation.
    """

    name: str
    channels: int
    features: bool
    module: nn.Module
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


@dataclass(frozen=True)
class Unknown:
    """A module that looks like a norm, and why it is left as it is."""

    why: str
