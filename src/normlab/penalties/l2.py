"""L2 in the loss: (λ/2)·Σp², whose gradient λ·p is what SGD calls weight decay.

Under Adam it is not the same as AdamW's decay, which Adam's scaling does not touch. Sources: A. E. Hoerl and R. W.
Kennard, Ridge regression, Technometrics 12, 1970; I. Loshchilov and F. Hutter, arXiv 1711.05101.
"""

from __future__ import annotations

import torch
from torch import nn

from normlab.penalties.term import Term, square_sum


class L2(Term):
    """(λ/2)·Σp² in the loss; see the module."""

    all_in_loss = True

    def value(self, model: nn.Module) -> torch.Tensor:
        """(λ/2)·Σp², a scalar."""
        return self.lam / 2 * square_sum(self.values(model))

    def loss(self, model: nn.Module) -> torch.Tensor:
        """(λ/2)·Σp² with its gradient."""
        return super().loss(model) + self.value(model)
