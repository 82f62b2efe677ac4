"""What a network is made of, so that networks can be compared as they are: kernels, norms, and all other layers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property

import torch
from torch import nn

from normlab.errors import NetworkError
from normlab.norms import kinds
from normlab.norms.kinds import is_norm


class Built:
    """A network, taken apart."""

    def __init__(self, model: nn.Module) -> None:
        self.model = model

    @cached_property
    def norms(self) -> Mapping[str, nn.Module]:
        """The norms by their names; of a layer that is called one and has others inside, these."""
        found = {name: module for name, module in self.model.named_modules() if is_norm(module)}
        return {name: norm for name, norm in found.items() if sum(map(is_norm, norm.modules())) == 1}

    @cached_property
    def norm_parameters(self) -> set[int]:
        """The identities of the norms' parameters."""
        return {id(parameter) for norm in self.norms.values() for parameter in norm.parameters()}

    @cached_property
    def state(self) -> Mapping[str, torch.Tensor]:
        """Parameters and buffers that are no norm's, by their names."""
        heads = tuple(f"{name}." for name in self.norms)
        found = {name: value for name, value in self.model.state_dict().items() if not name.startswith(heads)}
        return {name: value for name, value in found.items() if isinstance(value, torch.Tensor)}

    @cached_property
    def kernels(self) -> Sequence[torch.Tensor]:
        """What is no norm's and no vector, in order: what makes the network's shape."""
        return [value for value in self.state.values() if value.ndim > 1]

    @property
    def shape(self) -> tuple[tuple[int, ...], ...]:
        """The kernels' shapes; networks of one shape differ in little else."""
        return tuple(tuple(kernel.shape) for kernel in self.kernels)

    @cached_property
    def kinds(self) -> tuple[str, ...]:
        """What each norm computes, whatever class computes it: group norm of one group is `ln`."""
        return tuple(_kind(norm) for norm in self.norms.values())

    @cached_property
    def others(self) -> tuple[str, ...]:
        """Every layer without layers inside that is neither in a norm nor does nothing, in order."""
        inside = {id(module) for norm in self.norms.values() for module in norm.modules()}
        leaves = [module for module in self.model.modules() if id(module) not in inside and not [*module.children()]]
        return tuple(repr(module) for module in leaves if not isinstance(module, nn.Identity))


def _kind(norm: nn.Module) -> str:
    try:
        name = kinds.name(norm)
    except NetworkError:
        name = repr(norm)
    name = repr(norm) if name == "none" else name
    pace = norm.momentum if getattr(norm, "running_mean", None) is not None else None
    return f"{name}, eps {getattr(norm, 'eps', None)}, {pace}, γ and β {sum(p.numel() for p in norm.parameters())}"
