"""An optimizer that goes on with the converted network: what it knows of a parameter goes over with the parameter."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from torch import Tensor, nn
from torch.optim import Optimizer


def move(optimizer: Optimizer, new: Mapping[nn.Parameter, nn.Parameter], added: list[nn.Parameter]) -> None:
    """Hold the converted network's parameters instead of the old one's.

    Args:
        optimizer: of the network before; it is changed.
        new: from each old parameter to what it is now.
        added: parameters that the network did not have; they join the first group.

    The momentum and so on of a parameter that is there no more is dropped.
    """
    for group in optimizer.param_groups:
        group["params"] = [new[old] for old in group["params"] if old in new]
    held = {id(value) for group in optimizer.param_groups for value in group["params"]}
    optimizer.param_groups[0]["params"] += [value for value in added if id(value) not in held]
    state: dict[Tensor, Any] = {now: optimizer.state[old] for old, now in new.items() if old in optimizer.state}
    optimizer.state.clear()
    optimizer.state.update(state)
