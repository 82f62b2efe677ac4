"""L1 by redundancy: each weight is a product W = U⊙V of two factors, and weight decay acts on the factors.

    λ/2·(u² + v²) ≥ λ·|u·v|, with equality where |u| = |v|

so a minimum of loss(U⊙V) + λ/2·Σ(u² + v²) is one of loss(W) + λ·Σ|w|, and both terms are smooth: any optimizer will do.
Zero is approached ever faster but not reached, so that what float32 cannot tell from zero beside the layer's largest
weight is set to zero when the product is taken at the end.

V starts as one number, the root of the layer's mean square root of W, and U = W/V: the initial function is that of the
other arms, and U can pass through zero, which two factors of equal size cannot.

Source: L. Ziyin and Z. Wang, spred: Solving L1 penalty with SGD, ICML 2023, arXiv 2210.01212.
"""

from __future__ import annotations

from typing import Self

import torch
from torch import nn
from torch.nn.utils import parametrize

from normlab.errors import SpecError
from normlab.penalties.scope import named
from normlab.penalties.term import Term, square_sum


class Spred(Term):
    """λ·Σ|w| by factors under weight decay; `attach` has to come before the optimizer is made.

    Args:
        lam, on: see `Term`.
        ridge: an L2 λ on products that are kernels, for an optimizer whose weight decay must not act on the factors.
    """

    def __init__(self, lam: float, on: str | None = None, ridge: float = 0.0) -> None:
        super().__init__(lam, on)
        self.ridge = ridge

    def attach(self, model: nn.Module) -> Self:
        """Replace the weights in scope by their factors."""
        for name in self.targets(model):
            path, _, own = name.rpartition(".")
            owner = model.get_submodule(path)
            if not parametrize.is_parametrized(owner, own):
                parametrize.register_parametrization(owner, own, _Product())
        return super().attach(model)

    def loss(self, model: nn.Module) -> torch.Tensor:
        """λ/2·Σ(u² + v²), and the L2 of the products if asked for, with their gradients."""
        if self.model is not model:
            raise SpecError("spred factors the weights: call penalty.attach(model) before the optimizer is made")
        charge = self.lam / 2 * square_sum(factors_of(model))
        if not self.ridge:
            return charge
        kernels = named(model, "weights")
        return charge + self.ridge / 2 * square_sum([v for k, v in self.targets(model).items() if k in kernels])

    def values(self, model: nn.Module) -> list[torch.Tensor]:
        """The products, taken anew each time."""
        return list(self.targets(model).values())

    def collapse(self, model: nn.Module) -> None:
        """Plain weights again: W = U⊙V, and exactly zero where that is nothing beside the layer's largest weight."""
        for name, product in named(model, self.on).items():
            path, _, own = name.rpartition(".")
            owner = model.get_submodule(path)
            parametrize.remove_parametrizations(owner, own, leave_parametrized=True)
            setattr(owner, own, nn.Parameter(cut(product.detach())))
        self.model = None


def factors_of(model: nn.Module, scope: str = "all") -> list[torch.Tensor]:
    """The factors of every parameter in a scope that is a product."""
    owners = [(name.rpartition(".")) for name in named(model, scope)]
    made = [(model.get_submodule(path), own) for path, _, own in owners]
    lists = [owner.parametrizations[own] for owner, own in made if parametrize.is_parametrized(owner, own)]  # type: ignore[index]
    return [factor for each in lists for factor in each.parameters()]  # type: ignore[union-attr]


def factored(weight: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """U and V of a weight at the start, of its shape."""
    level = weight.square().mean().sqrt().sqrt().clamp_min(torch.finfo(weight.dtype).tiny ** 0.25)
    return weight / level, torch.ones_like(weight) * level


def cut(weight: torch.Tensor) -> torch.Tensor:
    """The weight without what is below the resolution of its dtype beside its largest element."""
    least = torch.finfo(weight.dtype).eps * weight.abs().max()
    return weight.where(weight.abs() > least, torch.zeros_like(weight))


class _Product(nn.Module):
    def forward(self, u: torch.Tensor, v: torch.Tensor) -> torch.Tensor:
        return u * v

    def right_inverse(self, weight: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        return factored(weight)
