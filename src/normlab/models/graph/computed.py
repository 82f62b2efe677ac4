"""Weights that a network computes of its parameters and constants: standardized ones, what a small network gives."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import fx, nn

from normlab.errors import NetworkError


@dataclass(frozen=True)
class Computed:
    """What a network's operations are given in the place of parameters.

    Attributes:
        standing: the parameters that stand for it in the modules of a graph's nodes; their values are nobody's.
        learned: the network's own parameters, which it is computed of.
        compute: gives what belongs into each of `standing`, so that a gradient finds its way to `learned`.
    """

    standing: tuple[nn.Parameter, ...]
    learned: tuple[nn.Parameter, ...]
    compute: Callable[[], tuple[torch.Tensor, ...]]


def computed(
    model: nn.Module, traced: fx.Graph, standing: Mapping[str, nn.Parameter], constants: Mapping[str, torch.Tensor]
) -> Computed:
    """The calls of a traced graph that compute values, by name, on the parameters of the model that was traced.

    The `constants` are what they are given beside; raises `NetworkError` for one that the model has changed since.
    """
    wanted = set(standing)
    for call in reversed(traced.nodes):
        if call.name in wanted:
            wanted |= {node.name for node in call.all_input_nodes}
    calls, copies = fx.Graph(), dict[fx.Node, fx.Node]()
    for call in traced.nodes:
        if call.name in wanted:
            copies[call] = calls.node_copy(call, copies.__getitem__)
    found = {call.name: copy for call, copy in copies.items()}
    calls.output(tuple(found[name] for name in standing))
    given = {str(call.target) for call in calls.nodes if call.op in ("get_attr", "call_module")}
    for name in given & constants.keys():
        if isinstance(own := _of(model, name), torch.Tensor) and not torch.equal(own, constants[name]):
            raise NetworkError(f"{name}: the network changes it by itself")
    computing = fx.GraphModule({name: constants.get(name, _of(model, name)) for name in given}, calls)
    return Computed(tuple(standing.values()), tuple(computing.parameters()), computing)


def _of(model: nn.Module, name: str) -> Any:
    """A tensor or a module of a model's; None where it has none of that name."""
    owner, _, own = name.rpartition(".")
    return getattr(model.get_submodule(owner), own, None)
