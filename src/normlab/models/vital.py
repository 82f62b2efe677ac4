"""Which norms of a network do nothing: those that nothing calls, and those whose groups have no spread to divide by."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import torch
from torch import nn
from torch.nn.modules.batchnorm import _NormBase

from normlab.norms.kinds import KNOWN, centres, groups

FAMILIAR = (*KNOWN, _NormBase, nn.LayerNorm, nn.RMSNorm)
"""Norms that are known for what they are: what is only called one may be anything."""
TOLD_FROM = 0.25
"""The share of a norm's groups without spread from which it is told: a channel or two may be silent by chance."""


@dataclass(frozen=True)
class Spread:
    """Of a norm's `parts`, groups of channels with statistics of their own, how many are `idle`.

    An idle group has one value everywhere, in all images for batch norm and in each image for the others; for norms
    that take no mean away it is 0.
    """

    parts: int
    idle: int


def ailments(model: nn.Module, images: torch.Tensor) -> tuple[str, ...]:
    """What is wrong with a network's norms on images (N, C, H, W), each in a sentence without its full stop."""
    norms = _norms(model)
    spreads = spread(model, [images])
    uncalled = [
        f"{path} ({type(norm).__name__}) is never called" for path, norm in norms.items() if path not in spreads
    ]
    ill = [
        _told(path, found) for path, found in spreads.items() if found.idle and found.idle >= TOLD_FROM * found.parts
    ]
    return (*uncalled, *ill)


@torch.no_grad()
def spread(model: nn.Module, parts: Iterable[torch.Tensor]) -> Mapping[str, Spread]:
    """How much of what each norm is given varies over all images (N, C, H, W), a part at a time, by the norm's path.

    Norms that are not called are not there. The network is looked at in evaluation; its mode and values stay as they
    are.
    """
    norms, seen = _norms(model), defaultdict[str, list[torch.Tensor]](list)
    modes = {module: module.training for module in model.modules()}
    hooks = [
        norm.register_forward_pre_hook(partial(_look, seen[path]), with_kwargs=True) for path, norm in norms.items()
    ]
    try:
        model.eval()
        for images in parts:
            model(images)
    finally:
        for hook in hooks:
            hook.remove()
        for module, mode in modes.items():
            module.training = mode
    return {path: _spread(norms[path], looks) for path, looks in seen.items() if looks}


def _norms(model: nn.Module) -> dict[str, nn.Module]:
    return {path: module for path, module in model.named_modules() if isinstance(module, FAMILIAR) and path}


def _look(seen: list[torch.Tensor], norm: nn.Module, given: tuple[Any, ...], named: dict[str, Any]) -> None:
    """Note the least and the greatest of each group, (2, images or 1, groups); of what is no image, that it came."""
    values = next((value for value in (*given, *named.values()) if isinstance(value, torch.Tensor)), None)
    if values is None or values.dim() != 4:
        seen.append(torch.empty(2, 0, 0))
        return
    if isinstance(norm, nn.BatchNorm2d):
        apart = values.transpose(0, 1).flatten(1).unsqueeze(0)
    else:
        apart = values.reshape(len(values), groups(norm), -1)
    seen.append(torch.stack([apart.amin(2), apart.amax(2)]).cpu())


def _spread(norm: nn.Module, looks: list[torch.Tensor]) -> Spread:
    low, high = torch.cat([look for look in looks if look.numel()] or looks[:1], dim=1)
    if isinstance(norm, nn.BatchNorm2d) and len(low):
        low, high = low.amin(0, keepdim=True), high.amax(0, keepdim=True)
    idle = (low == high) if centres(norm) else (low == high) & (low == 0)
    return Spread(low.shape[1], int(idle.all(0).sum()) if len(low) else 0)


def _told(path: str, found: Spread) -> str:
    return f"{path}: {found.idle} of {found.parts} groups of channels have no spread, so what comes out is β alone"
