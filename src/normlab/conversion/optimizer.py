"""An optimizer that goes on with the converted network: what it knows of a parameter goes over with the parameter."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from torch import nn
from torch.optim import Optimizer


def move(optimizer: Optimizer, twins: Mapping[nn.Parameter, nn.Parameter], model: nn.Module) -> None:
    """Hold the converted network's parameters instead of the old one's.

    Args:
        optimizer: of the network before; it is changed.
        twins: from each parameter of the network before to what it is in the converted one, if it is there still.
        model: the converted network; parameters that it did not have before join the first group.

    What the optimizer knows of a parameter that is there no more is dropped. Parameters that were never the network's
    stay.
    """
    there = {id(value) for value in model.parameters()}
    new = {old: now for old, now in twins.items() if id(now) in there}
    for group in optimizer.param_groups:
        group["params"] = [new.get(old, old) for old in group["params"] if old in new or old not in twins]
    held = {id(value) for group in optimizer.param_groups for value in group["params"]}
    optimizer.param_groups[0]["params"] += [value for value in model.parameters() if id(value) not in held]
    known = {old: value for old, value in optimizer.state.items() if old in new or old not in twins}
    optimizer.state.clear()
    optimizer.state.update({_now(old, new): value for old, value in known.items()})


def _now(old: Any, new: Mapping[nn.Parameter, nn.Parameter]) -> Any:
    return new.get(old, old)
