"""Weights that a network computes of its parameters and constants: standardized ones, what a small network gives."""

from __future__ import annotations

import operator
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


Standing = tuple[str, bool, str]
"""The name of what is computed; whether its first image is meant, of what is the same for all; and a key of `HOW`."""
HOW: dict[str, Callable[[torch.Tensor], torch.Tensor]] = {"negative": torch.neg, "reciprocal": torch.reciprocal}
"""What may be made of it; nothing for ""."""


def computed(
    model: nn.Module,
    traced: fx.Graph,
    standing: Mapping[Standing, nn.Parameter],
    constants: Mapping[str, torch.Tensor],
) -> Computed:
    """The calls of a traced graph that compute values, on the parameters of the model that was traced.

    Raises `NetworkError` for one of the `constants` that the model has changed since.
    """
    wanted = {name for name, *_ in standing}
    for call in reversed(traced.nodes):
        if call.name in wanted:
            wanted |= {node.name for node in call.all_input_nodes}
    calls, copies = fx.Graph(), dict[fx.Node, fx.Node]()
    for call in traced.nodes:
        if call.name in wanted:
            copies[call] = calls.node_copy(call, copies.__getitem__)
    found = {call.name: copy for call, copy in copies.items()}
    calls.output(tuple(_as(calls, found[name], one, how) for name, one, how in standing))
    given = {str(call.target) for call in calls.nodes if call.op in ("get_attr", "call_module")}
    for name in given & constants.keys():
        if isinstance(own := named(model, name), torch.Tensor) and not torch.equal(own, constants[name]):
            raise NetworkError(f"{name}: the network changes it by itself")
    computing = fx.GraphModule({name: constants.get(name, named(model, name)) for name in given}, calls)
    learned = tuple(parameter for parameter in computing.parameters() if parameter.requires_grad)
    return Computed(tuple(standing.values()), learned, computing)


def _as(calls: fx.Graph, value: fx.Node, one: bool, how: str) -> fx.Node:
    """See `Standing`."""
    value = calls.call_function(operator.getitem, (value, slice(0, 1))) if one else value
    return calls.call_function(HOW[how], (value,)) if how else value


def named(model: nn.Module, name: str) -> Any:
    """A tensor or a module of a model's; None where it has none of that name."""
    owner, _, own = name.rpartition(".")
    return getattr(model.get_submodule(owner), own, None)
