"""What goes over from a norm to the one that takes its place: γ, β, eps, momentum, device, mode and hooks.

A parameter that goes over is the very same parameter, so that whoever holds it (an optimizer, a tied layer) still does.
Where shapes differ its values go over if they can: spread over positions, or the same at all of them.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import nn

from normlab.conversion.facts import Norm

HOOKS = tuple(name for name in vars(nn.Module()) if "hook" in name)
"""The attributes in which PyTorch keeps a module's hooks, and of what sort they are."""
Moved = dict[nn.Parameter, nn.Parameter]
"""From a parameter to the one that has its values now, where that is another of the same shape."""
TORCHS = (nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d, nn.GroupNorm, nn.LayerNorm)
"""Norms that may have None for γ and β."""
STATISTICS = ("running_mean", "running_var")


def carry(old: Norm, new: nn.Module, like: torch.Tensor | None) -> tuple[tuple[str, ...], tuple[str, ...], Moved]:
    """Move what can be moved; returns what went over and what was set anew, each by its name, and see `Moved`.

    `like` says the device and type of the network, where the old norm has no tensor that does.
    """
    known = (old.gain, old.shift, *old.module.buffers(), like)
    found = next((tensor for tensor in known if tensor is not None and tensor.is_floating_point()), None)
    if found is not None:
        new.to(found.device, found.dtype)
    new.train(old.module.training)
    moved: Moved = {}
    went = {
        "γ": _parameter(new, "weight", old.gain, old.off, moved, wanted=old.wanted[0]),
        "β": _parameter(new, "bias", old.shift, 0.0, moved, wanted=old.wanted[1]),
        "eps": _setting(new, "eps", old.eps),
        "momentum": _setting(new, "momentum", old.momentum),
        "running statistics": _statistics(old.module, new),
        "hooks": _hooks(old.module, new),
    }
    over, anew = (tuple(name for name, state in went.items() if state is wanted) for wanted in (True, False))
    return over, anew, moved


def _parameter(
    new: nn.Module, name: str, old: torch.Tensor | None, off: float, moved: Moved, *, wanted: bool
) -> bool | None:
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
        return True
    own.data.copy_(values)
    own.requires_grad_(old.requires_grad)
    if isinstance(old, nn.Parameter) and old.shape == own.shape:
        moved[old] = own
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
    if isinstance(new, TORCHS):
        new.register_parameter(name, None)
        if isinstance(new, nn.BatchNorm2d) and name == "weight":
            new.affine = False
    elif value is not None:
        new.register_buffer(name, value.detach(), persistent=False)


def _setting(new: Any, name: str, value: float | None) -> bool | None:
    if value is None or not (hasattr(new, name) or name == "eps"):
        return None
    there = hasattr(new, name)
    setattr(new, name, value)  # a norm without an eps remembers the one that stood there, for the way back
    return True if there else None


def _statistics(old: nn.Module, new: nn.Module) -> bool | None:
    """Running mean and variance, which all norms of the batch mean the same by."""
    theirs, own = (dict(module.named_buffers(recurse=False)) for module in (old, new))
    if STATISTICS[0] not in own:
        return None
    if any(name not in theirs or theirs[name].shape != own[name].shape for name in STATISTICS):
        return False
    for name in STATISTICS:
        own[name].copy_(theirs[name])
    return True


def _hooks(old: nn.Module, new: nn.Module) -> bool | None:
    """Hooks go on being called, with the new module, and whoever put them there can still take them away."""
    held = {name: value for name in HOOKS if (value := getattr(old, name, None)) and isinstance(value, dict)}
    if not held:
        return None
    for name in HOOKS:
        setattr(new, name, getattr(old, name))
    return True
