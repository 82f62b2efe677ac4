"""How far an optimizer moves a parameter in one step for each unit of a gradient that stays the same.

A proximal step needs it. Let `a` be the pace. After p ← p − a·g the penalty's turn is p ← prox(p) with threshold a·λ,
and p stays where it is exactly if g = −λ·sign(p), or |g| ≤ λ at p = 0: the conditions of a minimum of loss + λ·Σ|p|,
whatever `a` is, as long as both use the same one. So

    SGD         a = rate · (1 − dampening) / (1 − momentum): the velocity of a constant gradient g tends to g / (1 − μ).
                With the threshold rate·λ instead, the minimum found would be that of (1 − μ)·λ: ten times too weak
                for μ = 0.9. Nesterov's step has the same limit.
    Adam(W)     a = rate / (√v̂ + eps), for each element its own, with Adam's averages corrected for their start.

Source of the second: J. Yun, A. Lozano and E. Yang, Adaptive proximal gradient methods for structured neural networks,
NeurIPS 2021. The first is their argument with a constant metric.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt
from typing import Any

import torch

from normlab.errors import SpecError

Pace = float | torch.Tensor


def paces(optimizer: torch.optim.Optimizer, parameters: Sequence[torch.Tensor]) -> list[Pace]:
    """The pace of each parameter after the optimizer's last step: a number, or a tensor of the parameter's shape.

    Raises `SpecError` for a parameter that the optimizer does not move, and for an optimizer whose pace is not known.
    """
    of = _rule(optimizer)
    groups = {id(p): group for group in optimizer.param_groups for p in group["params"]}
    missing = sum(id(p) not in groups for p in parameters)
    if missing:
        raise SpecError(f"penalty.step: the optimizer does not move {missing} of the penalised parameters")
    return [of(groups[id(p)], optimizer.state[p]) for p in parameters]


def _rule(optimizer: torch.optim.Optimizer) -> Any:
    if isinstance(optimizer, torch.optim.SGD):
        return _sgd
    if isinstance(optimizer, torch.optim.Adam):  # AdamW is one
        return _adam
    known = "SGD, Adam or AdamW"
    raise SpecError(f"penalty.step: a proximal step is known for {known}, not for {type(optimizer).__name__}")


def _sgd(group: dict[str, Any], state: dict[str, Any]) -> float:  # noqa: ARG001 - every rule takes both
    return float(group["lr"] * (1 - group["dampening"]) / (1 - group["momentum"]))


def _adam(group: dict[str, Any], state: dict[str, Any]) -> Pace:
    if not state:
        return 0.0  # a parameter without a gradient so far has not been moved
    squares = state["max_exp_avg_sq"] if group["amsgrad"] else state["exp_avg_sq"]
    corrected = sqrt(1 - group["betas"][1] ** float(state["step"]))
    pace: torch.Tensor = group["lr"] / (squares.sqrt() / corrected + group["eps"])
    return pace
