"""Which norms of a network do nothing: those that nothing calls, and those whose groups have no spread to divide by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

import torch
from torch import nn

from normlab.norms.kinds import groups, is_norm

TOLD_FROM = 0.25
"""The share of a norm's groups without spread from which it is told: a channel or two may be silent by chance."""


@dataclass(frozen=True)
class Spread:
    """Of a norm's `parts`, groups of channels with statistics of their own, how many are `idle`: they never vary."""

    parts: int
    idle: int


def ailments(model: nn.Module, images: torch.Tensor) -> tuple[str, ...]:
    """What is wrong with a network's norms on images (N, C, H, W), each in a sentence without its full stop."""
    norms = {path: module for path, module in model.named_modules() if is_norm(module) and path}
    spreads = spread(model, images)
    uncalled = [
        f"{path} ({type(norm).__name__}) is never called" for path, norm in norms.items() if path not in spreads
    ]
    return (
        *uncalled,
        *(_told(path, found) for path, found in spreads.items() if found.idle >= TOLD_FROM * found.parts),
    )


@torch.no_grad()
def spread(model: nn.Module, images: torch.Tensor) -> Mapping[str, Spread]:
    """How much of what each norm is given in evaluation varies, by its path; norms that are not called are not there.

    The network's mode and its values stay as they are.
    """
    found: dict[str, Spread] = {}
    training = {module: module.training for module in model.modules()}
    hooks = [
        module.register_forward_pre_hook(partial(_look, found, path))
        for path, module in model.named_modules()
        if is_norm(module) and path
    ]
    try:
        model.eval()(images)
    finally:
        for hook in hooks:
            hook.remove()
        for module, mode in training.items():
            module.training = mode
    return found


def _look(found: dict[str, Spread], path: str, norm: nn.Module, given: tuple[torch.Tensor, ...]) -> None:
    values = given[0].detach()
    idle = _constant(norm, values) if values.dim() == 4 else torch.zeros(1, dtype=torch.bool)
    before = found.get(path, Spread(0, 0))
    found[path] = Spread(before.parts + len(idle), before.idle + int(idle.sum()))


def _constant(norm: nn.Module, values: torch.Tensor) -> torch.Tensor:
    """Which groups have one value everywhere: in the whole batch, or in each of its images."""
    images, channels = values.shape[:2]
    if isinstance(norm, nn.BatchNorm2d):
        apart = values.transpose(0, 1).reshape(channels, -1)
        return apart.amax(1) == apart.amin(1)
    apart = values.reshape(images, groups(norm), -1)
    return (apart.amax(2) == apart.amin(2)).all(0)


def _told(path: str, found: Spread) -> str:
    return f"{path}: {found.idle} of {found.parts} groups of channels have no spread, so what comes out is β alone"
