from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest
import torch
from torch import nn

from normlab.training.uncompiled import uncompiled

KINDS = [
    (torch.optim.SGD, {"lr": 0.1, "momentum": 0.9, "nesterov": True, "weight_decay": 1e-3}),
    (torch.optim.AdamW, {"lr": 0.01, "betas": (0.9, 0.999), "weight_decay": 1e-3}),
]


def stepped(optimizer: torch.optim.Optimizer, parameter: nn.Parameter) -> None:
    """Three steps down a curve, and the last of them from what was remembered."""
    for _ in range(2):
        step(optimizer, parameter)
    optimizer.load_state_dict(deepcopy(optimizer.state_dict()))
    step(optimizer, parameter)


def step(optimizer: torch.optim.Optimizer, parameter: nn.Parameter) -> None:
    optimizer.zero_grad()
    torch.autograd.backward((parameter**4).sum())
    optimizer.step()


@pytest.mark.parametrize(("kind", "settings"), KINDS)
def test_it_computes_what_pytorchs_own_computes(kind: type[torch.optim.Optimizer], settings: dict[str, Any]) -> None:
    """To the last bit, and it is one of that kind."""
    found = []
    for made in (kind, uncompiled(kind)):
        parameter = nn.Parameter(torch.linspace(-1, 1, 7))
        optimizer = made([parameter], foreach=True, **settings)
        stepped(optimizer, parameter)
        found.append(parameter)
        assert isinstance(optimizer, kind)
    assert torch.equal(*found)


def test_pytorchs_own_stays_as_it_is() -> None:
    """Whoever uses normlab may compile."""
    before = {name: getattr(torch.optim.SGD, name) for name in ("zero_grad", "state_dict", "add_param_group")}
    uncompiled(torch.optim.SGD)([nn.Parameter(torch.ones(1))], lr=0.1).zero_grad()
    assert {name: getattr(torch.optim.SGD, name) for name in before} == before
