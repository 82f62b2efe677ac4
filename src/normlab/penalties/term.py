"""What every penalty can do, for anyone's loop.

    penalty = normlab.penalty("prox", 1e-4)
    penalty.attach(model)                  # before the optimizer is made
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    for x, y in batches:
        loss = F.cross_entropy(model(x), y) + penalty.loss(model)
        optimizer.zero_grad(); loss.backward(); optimizer.step()
        penalty.step(optimizer)
    penalty.collapse(model)                # the plain model again

The same lines serve every kind: where one of them has nothing to do, it does nothing.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Self

import torch
from torch import nn

from normlab.errors import SpecError
from normlab.penalties.scope import Named, named


class Term:
    """A penalty with its λ on a scope; the base of every kind.

    Args:
        lam: λ, a finite number of at least 0.
        on: the scope, see `normlab.penalties.scope`.
    """

    usual_scope = "weights"
    all_in_loss = False
    """Whether `loss` is the whole of `value`."""

    def __init__(self, lam: float, on: str | None = None) -> None:
        self.lam, self.on = _checked(lam), on or self.usual_scope
        self.model: nn.Module | None = None
        self.found: Named = {}

    def attach(self, model: nn.Module) -> Self:
        """Look up the parameters of `model`; raises `SpecError` where the scope matches none of them."""
        self.found, self.model = self.targets(model), model
        return self

    def targets(self, model: nn.Module) -> Named:
        """The parameters that the penalty acts on, by name."""
        return named(model, self.on)

    def value(self, model: nn.Module) -> torch.Tensor:
        """What the penalty amounts to, a scalar; λ·Σ|p| unless the kind says otherwise."""
        return self.lam * abs_sum(self.values(model))

    def loss(self, model: nn.Module) -> torch.Tensor:
        """What is added to the data loss, a scalar; 0 where all is done in `step`."""
        if self.model is not model:
            self.attach(model)
        return next(model.parameters()).new_zeros(())

    def watch(self, optimizer: torch.optim.Optimizer) -> None:
        """Look on from the optimizer's first step on; `step` sees to it from the second one on."""

    def step(self, optimizer: torch.optim.Optimizer) -> None:
        """What is done to the parameters after the optimizer's own step; nothing unless the kind says otherwise."""

    def collapse(self, model: nn.Module) -> None:
        """Leave the model with plain parameters; nothing unless the kind has changed that."""

    def state(self) -> dict[str, torch.Tensor]:
        """What the next step depends on beside the model and the optimizer; nothing unless the kind says so."""
        return {}

    def load(self, state: Mapping[str, torch.Tensor]) -> None:
        """Go on from a `state`, once the model it was taken with is back in place."""

    def values(self, model: nn.Module) -> list[torch.Tensor]:
        """The targets in a model; they are looked up once for the model that the penalty is attached to."""
        return list((self.found if model is self.model else self.targets(model)).values())

    def attached(self) -> list[torch.Tensor]:
        """The targets in the model that the penalty is attached to."""
        if self.model is None:
            raise SpecError("a penalty has to know its model: call penalty.attach(model) before penalty.step")
        return self.values(self.model)


def abs_sum(values: list[torch.Tensor]) -> torch.Tensor:
    """Σ|p|, a scalar; the parameters are joined first because that is one operation instead of dozens."""
    return torch.cat([value.flatten() for value in values]).abs().sum() if values else torch.zeros(())


def square_sum(values: list[torch.Tensor]) -> torch.Tensor:
    """Σp², a scalar."""
    return torch.cat([value.flatten() for value in values]).square().sum() if values else torch.zeros(())


def _checked(lam: Any) -> float:
    if isinstance(lam, bool | str) or not isinstance(lam, int | float) or not (math.isfinite(lam) and lam >= 0):
        raise SpecError(f"penalty: expected a finite number λ of at least 0, got {lam!r}")
    return float(lam)
