"""The optimizer of a recipe. Weight decay acts on kernels alone, so that no norm gets a decay that another lacks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import nn

from normlab.penalties import factors_of, weights_of
from normlab.spec import Optimizer


def optimizer_for(model: nn.Module, spec: Optimizer) -> torch.optim.Optimizer:
    """SGD with momentum, or AdamW with β₁ = `momentum`; `weight_decay` on the weights, none on biases and norms.

    Where a penalty has made weights products of factors, AdamW shrinks each factor by half as much, so that products
    shrink as weights do; SGD's decay of products is in the penalty's loss.

    Sources: I. Sutskever et al., ICML 2013 (momentum, Nesterov); I. Loshchilov and F. Hutter, arXiv 1711.05101.
    """
    weights = weights_of(model)
    factors = factors_of(model, "weights")
    chosen = {id(p) for p in [*weights, *factors]}
    others = [p for p in model.parameters() if id(p) not in chosen]
    halved = spec.weight_decay / 2 if spec.kind == "adamw" else 0.0
    groups = [_group(weights, spec.weight_decay), _group(factors, halved), _group(others, 0.0)]
    groups = [group for group in groups if group["params"]]
    if spec.kind == "adamw":
        return torch.optim.AdamW(groups, lr=spec.lr, betas=(spec.momentum, 0.999), foreach=True)
    return torch.optim.SGD(groups, lr=spec.lr, momentum=spec.momentum, nesterov=spec.nesterov, foreach=True)


def _group(members: Sequence[torch.Tensor], decay: float) -> dict[str, Any]:
    return {"params": list(members), "weight_decay": decay}


def set_rate(optimizer: torch.optim.Optimizer, rate: float) -> None:
    """The learning rate of the next step."""
    for group in optimizer.param_groups:
        group["lr"] = rate
