"""The optimizer of a recipe, and what it remembers from step to step.

Weight decay acts on kernels alone, so that no norm gets a decay that another lacks.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import nn

from normlab.penalties import factors_of, weights_of
from normlab.spec import Optimizer
from normlab.training.uncompiled import uncompiled

SGD, AdamW = uncompiled(torch.optim.SGD), uncompiled(torch.optim.AdamW)


def optimizer_for(model: nn.Module, spec: Optimizer) -> torch.optim.Optimizer:
    """SGD with momentum, or AdamW with β₁ = `momentum`; `weight_decay` on the weights, none on biases and norms.

    Where a penalty has made weights products of factors, AdamW shrinks each factor by half as much, so that products
    shrink as weights do; SGD's decay of products is in the penalty's loss.

    Sources: I. Sutskever et al., ICML 2013 (momentum, Nesterov); I. Loshchilov and F. Hutter, arXiv 1711.05101.
    """
    groups = groups_of(model, spec)
    if spec.kind == "adamw":
        return AdamW(groups, lr=spec.lr, betas=(spec.momentum, 0.999), foreach=True)
    return SGD(groups, lr=spec.lr, momentum=spec.momentum, nesterov=spec.nesterov, foreach=True)


def groups_of(model: nn.Module, spec: Optimizer) -> list[dict[str, Any]]:
    """The parameters by what weight decay does to them, as an optimizer takes them."""
    weights = weights_of(model)
    factors = factors_of(model, "weights")
    chosen = {id(p) for p in [*weights, *factors]}
    others = [p for p in model.parameters() if id(p) not in chosen]
    halved = spec.weight_decay / 2 if spec.kind == "adamw" else 0.0
    groups = [_group(weights, spec.weight_decay), _group(factors, halved), _group(others, 0.0)]
    return [group for group in groups if group["params"]]


def _group(members: Sequence[torch.Tensor], decay: float) -> dict[str, Any]:
    return {"params": list(members), "weight_decay": decay}


def set_rate(optimizer: torch.optim.Optimizer, rate: float) -> None:
    """The learning rate of the next step."""
    for group in optimizer.param_groups:
        group["lr"] = rate


def moments(optimizer: torch.optim.Optimizer) -> dict[str, torch.Tensor]:
    """What the optimizer remembers of each parameter, as `number.name` in the order of its groups."""
    found = optimizer.state_dict()["state"]
    return {
        f"{number}.{name}": value
        for number, values in found.items()
        for name, value in values.items()
        if isinstance(value, torch.Tensor)  # before its first step a momentum is None
    }


def remember(optimizer: torch.optim.Optimizer, found: Mapping[str, torch.Tensor]) -> None:
    """Put back what `moments` found, each in its parameter's memory format: another one rounds differently."""
    parameters = [p for group in optimizer.param_groups for p in group["params"]]
    state: dict[int, dict[str, torch.Tensor]] = defaultdict(dict)
    for key, value in found.items():
        number, _, name = key.partition(".")
        laid = torch.empty_like(parameters[int(number)]).copy_(value) if value.ndim else value
        state[int(number)][name] = laid
    optimizer.load_state_dict({**optimizer.state_dict(), "state": state})
