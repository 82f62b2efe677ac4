"""L1 in the loss: λ·Σ|p|, whose subgradient is λ·sign(p), with sign(0) = 0.

It shrinks weights by λ times the learning rate in every step but leaves none at exactly zero: a step that crosses zero
lands on its other side. Source: R. Tibshirani, Regression shrinkage and selection via the lasso, JRSS B 58, 1996.
"""

from __future__ import annotations

import torch
from torch import nn

from normlab.penalties.term import Term


class Subgrad(Term):
    """λ·Σ|p| in the loss; see the module."""

    all_in_loss = True

    def loss(self, model: nn.Module) -> torch.Tensor:
        """λ·Σ|p| with its gradient."""
        return super().loss(model) + self.value(model)
