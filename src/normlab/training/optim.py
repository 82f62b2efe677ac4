"""The optimizer of a recipe. Weight decay acts on kernels alone, so that no norm gets a decay that another lacks."""

from __future__ import annotations

import torch
from torch import nn

from normlab.penalties import weights_of
from normlab.spec import Optimizer


def optimizer_for(model: nn.Module, spec: Optimizer) -> torch.optim.Optimizer:
    """SGD with momentum, or AdamW with β₁ = `momentum`; `weight_decay` on the weights, none on biases and norms.

    Sources: I. Sutskever et al., ICML 2013 (momentum, Nesterov); I. Loshchilov and F. Hutter, arXiv 1711.05101.
    """
    weights = weights_of(model)
    chosen = {id(p) for p in weights}
    others = [p for p in model.parameters() if id(p) not in chosen]
    groups = [{"params": weights, "weight_decay": spec.weight_decay}, {"params": others, "weight_decay": 0.0}]
    groups = [group for group in groups if group["params"]]
    if spec.kind == "adamw":
        return torch.optim.AdamW(groups, lr=spec.lr, betas=(spec.momentum, 0.999), foreach=True)
    return torch.optim.SGD(groups, lr=spec.lr, momentum=spec.momentum, nesterov=spec.nesterov, foreach=True)


def set_rate(optimizer: torch.optim.Optimizer, rate: float) -> None:
    """The learning rate of the next step."""
    for group in optimizer.param_groups:
        group["lr"] = rate
