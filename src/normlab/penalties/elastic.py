"""The elastic net: λ·(mix·Σ|p| + (1 − mix)/2·Σp²). Its L2 is in the loss, its L1 a proximal step.

Correlated inputs share weight instead of one taking it all. Source: H. Zou and T. Hastie, Regularization and variable
selection via the elastic net, JRSS B 67, 2005; parametrized as in scikit-learn.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Self

import torch
from torch import nn

from normlab.errors import SpecError
from normlab.penalties.l2 import L2
from normlab.penalties.prox import Prox
from normlab.penalties.term import Term


class Elastic(Term):
    """The elastic net with a share `mix` of L1, 0 to 1; see the module."""

    def __init__(self, lam: float, on: str | None = None, mix: float = 0.5) -> None:
        super().__init__(lam, on)
        if not 0 <= mix <= 1:
            raise SpecError(f"penalty.mix: expected a share from 0 (all L2) to 1 (all L1), got {mix!r}")
        self.lasso, self.ridge = Prox(self.lam * mix, self.on), L2(self.lam * (1 - mix), self.on)

    def value(self, model: nn.Module) -> torch.Tensor:
        """λ·(mix·Σ|p| + (1 − mix)/2·Σp²), a scalar."""
        return self.lasso.value(model) + self.ridge.value(model)

    def attach(self, model: nn.Module) -> Self:
        """See `Term.attach`."""
        self.lasso.attach(model)
        self.ridge.attach(model)
        return super().attach(model)

    def loss(self, model: nn.Module) -> torch.Tensor:
        """The L2 part with its gradient."""
        return super().loss(model) + self.ridge.value(model)

    def watch(self, optimizer: torch.optim.Optimizer) -> None:
        """See `Term.watch`."""
        self.lasso.watch(optimizer)

    def step(self, optimizer: torch.optim.Optimizer) -> None:
        """The L1 part, as `Prox.step`."""
        self.lasso.step(optimizer)

    def state(self) -> dict[str, torch.Tensor]:
        """The L1 part's, see `Term.state`."""
        return self.lasso.state()

    def load(self, state: Mapping[str, torch.Tensor]) -> None:
        """See `Term.load`."""
        self.lasso.load(state)
