"""Tensors by name, those of a network in training too, as the arrays of one state; and taken out of it again."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import nn

from normlab.penalties import Term
from normlab.training.engine import State
from normlab.training.optim import moments, remember


def joined(parts: Mapping[str, Mapping[str, torch.Tensor]]) -> State:
    """Copies of all tensors as arrays, called `part.name`."""
    return {
        f"{part}.{name}": tensor.detach().cpu().numpy().copy()
        for part, tensors in parts.items()
        for name, tensor in tensors.items()
    }


def part(state: State, name: str) -> dict[str, torch.Tensor]:
    """Copies of the tensors of one part, by their own names."""
    start = f"{name}."
    return {key.removeprefix(start): torch.tensor(value) for key, value in state.items() if key.startswith(start)}


def taken(model: nn.Module, optimizer: torch.optim.Optimizer, penalty: Term | None) -> State:
    """A copy of all that a step changes, streams of chance aside."""
    charged = penalty.state() if penalty else {}
    return joined({"model": model.state_dict(), "optimizer": moments(optimizer), "penalty": charged})


def load(state: State, model: nn.Module, optimizer: torch.optim.Optimizer, penalty: Term | None) -> None:
    """Put back what was `taken` from a network of the same job, whose penalty is attached."""
    model.load_state_dict(part(state, "model"))
    remember(optimizer, part(state, "optimizer"))
    if penalty:
        penalty.load(part(state, "penalty"))
