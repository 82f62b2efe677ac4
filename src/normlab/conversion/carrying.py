"""What goes over from a norm to the one that takes its place: γ, β, eps, momentum, device, mode and hooks.

A parameter that goes over is the very same parameter, so that whoever holds it (an optimizer, a tied layer) still does.
Where shapes differ its values go over if they can: spread over positions, or the same at all of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import nn

from normlab.conversion.facts import Norm

HOOKS = tuple(name for name in vars(nn.Module()) if "hooks" in name)
"""The attributes in which PyTorch keeps a module's hooks."""


def carry(old: Norm, new: nn.Module) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Move what can be moved; returns what went over and what was set anew, each by its name."""
    like = old.gain if old.gain is not None else next(old.module.buffers(), None)
    if like is not None and like.is_floating_point():
        new.to(like.device, like.dtype)
    new.train(old.module.training)
    went = {
        "γ": _parameter(new, "weight", old.gain, old.off, wanted=old.wanted[0]),
        "β": _parameter(new, "bias", old.shift, 0.0, wanted=old.wanted[1]),
        "eps": _setting(new, "eps", old.eps),
        "momentum": _setting(new, "momentum", old.momentum),
        "hooks": _hooks(old.module, new),
    }
    over, anew = (tuple(name for name, state in went.items() if state is wanted) for wanted in (True, False))
    return over, (*anew, *(["running statistics"] if "running_mean" in dict(new.named_buffers()) else []))


def _parameter(new: nn.Module, name: str, old: torch.Tensor | None, off: float, *, wanted: bool) -> bool | None:
    """γ or β: whether it went over; None where the new norm has none, or the author wants none."""
    own = new._parameters.get(name)
    if own is None:
        return None
    if not wanted:
        _forgo(new, name)
        return None
    if old is None:
        return False
    values = _shaped(old.detach() + off, own.shape)
    if values is None:
        own.requires_grad_(old.requires_grad)
        return False
    if isinstance(old, nn.Parameter) and old.shape == own.shape and not off:
        setattr(new, name, old)
    else:
        own.data.copy_(values)
        own.requires_grad_(old.requires_grad)
    return True


def _shaped(values: torch.Tensor, shape: torch.Size) -> torch.Tensor | None:
    """Values of one shape in another one, None where that says something else."""
    if values.shape == shape:
        return values
    if values.numel() == shape[0]:
        return values.reshape(-1, *[1] * (len(shape) - 1)).expand(shape)
    if len(shape) == 1 and values.shape[:1] == shape:
        flat = values.flatten(1)
        return flat[:, 0] if bool((flat == flat[:, :1]).all()) else None
    return None


def _forgo(new: nn.Module, name: str) -> None:
    """Leave γ or β out, as the network's author did: no parameter, and the value that changes nothing."""
    value = new._parameters.pop(name)
    if value is None or isinstance(new, nn.BatchNorm1d | nn.BatchNorm2d | nn.BatchNorm3d | nn.GroupNorm | nn.LayerNorm):
        new.register_parameter(name, None)
    else:
        new.register_buffer(name, value.detach(), persistent=False)


def _setting(new: Any, name: str, value: float | None) -> bool | None:
    if value is None or not (hasattr(new, name) or name == "eps"):
        return None
    there = hasattr(new, name)
    setattr(new, name, value)  # a norm without an eps remembers the one that stood there, for the way back
    return True if there else None


def _hooks(old: nn.Module, new: nn.Module) -> bool | None:
    """Hooks go on being called, with the new module."""
    held: Mapping[str, Any] = {name: getattr(old, name) for name in HOOKS if getattr(old, name, None)}
    held = {name: value for name, value in held.items() if isinstance(value, dict)}
    for name, value in held.items():
        getattr(new, name).update(value)
    return True if held else None
