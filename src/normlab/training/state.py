"""Tensors by name, put together as the arrays of one state, and taken apart again."""

from __future__ import annotations

from collections.abc import Mapping

import torch

from normlab.training.engine import State


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
