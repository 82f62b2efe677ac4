"""The parts of a network by the names of the field: which parameter is a kernel, and which is the γ of a norm.

A *kernel* is the weight of a convolution or of a linear layer. A *scale* γ is the weight of a norm. Biases, β and what
other layers have are neither.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeGuard

import torch
from torch import nn
from torch.nn.modules.conv import _ConvNd
from torch.nn.utils import parametrize

from normlab.norms.kinds import is_norm


@dataclass(frozen=True, eq=False)
class Part:
    """A parameter of a network.

    Args:
        name: its dotted name.
        value: itself, or what its parametrization makes of it.
        owner: the module that it belongs to.
    """

    name: str
    value: torch.Tensor
    owner: nn.Module

    @property
    def is_kernel(self) -> bool:
        """Whether it is the weight of a convolution or linear layer."""
        return has_kernel(self.owner) and self._is_weight

    @property
    def is_scale(self) -> bool:
        """Whether it is the γ of a norm."""
        return is_norm(self.owner) and self._is_weight

    @property
    def _is_weight(self) -> bool:
        return self.name.rpartition(".")[2] == "weight"


def has_kernel(module: nn.Module | None) -> TypeGuard[_ConvNd | nn.Linear]:
    """Whether a layer is a convolution, of any number of dimensions and also transposed, or a linear layer."""
    return isinstance(module, _ConvNd | nn.Linear)


def parts(model: nn.Module) -> Iterator[Part]:
    """Every parameter of a network once, in module order; one that is made of factors comes as their product."""
    seen: set[object] = set()
    for path, module in model.named_modules():
        if isinstance(module, parametrize.ParametrizationList):
            continue
        made = list(module.parametrizations) if parametrize.is_parametrized(module) else []
        for name in [*made, *module._parameters]:
            value = getattr(module, name)
            if value is not None and (key := (module, name) if name in made else id(value)) not in seen:
                seen.add(key)
                yield Part(f"{path}.{name}" if path else name, value, module)
