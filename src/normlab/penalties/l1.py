"""The L1 penalty in the loss: λ·Σ|p|, whose subgradient is λ·sign(p), with sign(0) = 0.

It shrinks weights by λ·lr in every step but leaves none at exactly zero: a step that crosses zero lands on its other
side. Source: R. Tibshirani, Regression shrinkage and selection via the lasso, JRSS B 58, 1996.
"""

from __future__ import annotations

import math

import torch
from torch import nn

from normlab.errors import SpecError
from normlab.penalties.scope import parameters_in


class L1:
    """λ·Σ|p| over a model's weights, or over all its parameters.

    Args:
        model: the model whose parameters are penalised; they are looked up once.
        lam: λ, finite and at least 0.
        scope: "weights" or "all".
    """

    def __init__(self, model: nn.Module, lam: float, scope: str = "weights") -> None:
        if not (math.isfinite(lam) and lam >= 0):
            raise SpecError(f"l1: expected a finite λ of at least 0, got {lam}")
        self.lam = lam
        self.parameters = parameters_in(model, scope)

    def abs_sum(self) -> torch.Tensor:
        """Σ|p|, a scalar tensor; the parameters are joined first because that is one operation instead of dozens."""
        if not self.parameters:
            return torch.zeros(())
        return torch.cat([p.flatten() for p in self.parameters]).abs().sum()

    def loss(self) -> torch.Tensor | None:
        """λ·Σ|p| with its gradient, or None when λ = 0 so that nothing is computed."""
        return self.lam * self.abs_sum() if self.lam else None
