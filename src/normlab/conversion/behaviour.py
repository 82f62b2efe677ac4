"""Norms known by what they compute: a module of any class is tried beside each formula, with γ and β of its own.

A library's own batch norm, with an activation inside or with another order of dimensions, is called what it likes; its
numbers say what it is. It is tried in float64 with γ and β drawn anew, on a copy, in training mode with what stands
behind its norm in eval mode.
"""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from itertools import product
from typing import Any

import torch
from torch import nn

from normlab.conversion.facts import Norm
from normlab.conversion.formulas import KINDS, standardized
from normlab.norms import kinds
from normlab.norms.slot import EPS

NEAR = 1e-4
"""Of the largest value. Float64 gives 1e-12; some modules go through float32 on their way."""
GAINS, SHIFTS = ("weight", "gamma", "g", "scale", "alpha"), ("bias", "beta", "b", "shift", "offset")
COUNTS = ("num_features", "num_channels", "normalized_shape", "channels", "dim", "features", "in_channels")


def tried(module: nn.Module, shape: tuple[int, ...] | None = None) -> Norm | None:
    """What a module computes, None where it is none of the formulas.

    Args:
        module: with no more than activations and dropout in it.
        shape: of an input (N, C, H, W), (N, T, C), …, where one is known.
    """
    trial = _copy(module)
    if trial is None:
        return None
    for x, features in _inputs(_channels(trial, _own(trial, GAINS)), shape):
        got = _run(trial, x)
        if got is not None and (found := _match(trial, x, got, features)):
            kind, groups, off = found
            return _facts(module, kind, groups, off, x, features=features)
    return None


def normalizes(module: nn.Module, x: torch.Tensor) -> bool:
    """Whether a module's result keeps its shape and does not feel how large its input is, which only norms do."""
    trial = _copy(module)
    if trial is None or not x.is_floating_point():
        return False
    x = torch.randn(x.shape, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    small, large = _run(trial, x), _run(trial, 64 * x)
    if small is None or large is None or small.shape != x.shape:
        return False
    lively = float(small.std()) > NEAR
    return lively and float((small - large).abs().max()) <= 0.01 * float(small.abs().max())


def _copy(module: nn.Module) -> nn.Module | None:
    """A copy to try, with γ and β that tell themselves apart, or None where it cannot be copied."""
    draw = torch.Generator().manual_seed(0)
    try:
        trial = deepcopy(module).cpu().double().train()
    except Exception:  # noqa: BLE001 - anybody's module, which may refuse anything
        return None
    for child in trial.children():
        child.eval()
    for parameter in trial.parameters():
        parameter.requires_grad_(False)  # noqa: FBT003 - PyTorch's own signature
        parameter.copy_(torch.rand(parameter.shape, generator=draw, dtype=torch.float64) + 0.5)
    return trial


def _inputs(channels: int | None, shape: tuple[int, ...] | None) -> Iterator[tuple[torch.Tensor, bool]]:
    """What a module is tried on: a tensor, and whether its features come last."""
    if channels is None:
        return
    draw = torch.Generator().manual_seed(1)
    ranks = [len(shape)] if shape else [4, 3, 2, 5]
    for rank, features in product(ranks, (False, True)):
        around = (5, 4, 3)[: rank - 2]
        size = (6, *around, channels) if features else (6, channels, *around)
        yield torch.randn(size, generator=draw, dtype=torch.float64) * 2 + 0.7, features


def _run(module: nn.Module, x: torch.Tensor) -> torch.Tensor | None:
    try:
        with torch.no_grad(), torch.random.fork_rng(devices=[]):
            got = module(x)
    except Exception:  # noqa: BLE001 - an input that it was not made for
        return None
    return got.double() if isinstance(got, torch.Tensor) and got.shape == x.shape else None


def _match(module: nn.Module, x: torch.Tensor, got: torch.Tensor, features: bool) -> tuple[str, int, float] | None:
    """The kind, groups and what is added to γ, of the first formula that gives what the module gives."""
    inner = x.movedim(-1, 1) if features else x
    kinds = ("ln-c", "rms-c") if features else KINDS
    eps, channels = _eps(module), inner.shape[1]
    for kind, off in product(kinds, (0.0, 1.0)):
        for groups in _groups(channels) if kind == "gn" else (1,):
            y = _affine(module, standardized(inner, kind, groups, eps), off)
            wanted = _through(module, y.movedim(1, -1) if features else y)
            if wanted is not None and float((wanted - got).abs().max()) <= NEAR * float(got.abs().max() + 1e-12):
                return kind, groups, off
    return None


def _affine(module: nn.Module, y: torch.Tensor, off: float) -> torch.Tensor:
    gain, shift = _own(module, GAINS), _own(module, SHIFTS)
    along = (1, -1, *[1] * (y.ndim - 2))
    y = y if gain is None else y * (gain.reshape(along) + off)
    return y if shift is None else y + shift.reshape(along)


def _through(module: nn.Module, y: torch.Tensor) -> torch.Tensor | None:
    """What stands behind the norm, in the order in which it was put there."""
    for child in module.children():
        result = _run(child, y)
        if result is None:
            return None
        y = result
    return y


def _facts(module: nn.Module, kind: str, groups: int, off: float, x: torch.Tensor, *, features: bool) -> Norm:
    any_of: Any = module
    channels = x.shape[-1] if features else x.shape[1]
    called = {"ln-c": "ln", "rms-c": "rms"}.get(kind, kind) if features else kind
    return Norm(
        kinds.grouped(groups, channels) if kind == "gn" else called,
        channels,
        features,
        module,
        eps=_eps(module),
        momentum=getattr(any_of, "momentum", None) if kind == "bn" else None,
        dims=None if features else x.ndim - 2,
        gain=_own(module, GAINS),
        shift=_own(module, SHIFTS),
        off=off,
        behind=tuple(module.children()),
    )


def _own(module: nn.Module, names: tuple[str, ...]) -> torch.Tensor | None:
    """A module's own parameter of one dimension by one of these names."""
    own = module._parameters
    return next((value for name in names if (value := own.get(name)) is not None and value.squeeze().ndim <= 1), None)


def _channels(module: nn.Module, gain: torch.Tensor | None) -> int | None:
    if gain is not None and gain.numel() > 1:
        return gain.numel()
    for name in COUNTS:
        value = getattr(module, name, None)
        value = value[0] if isinstance(value, tuple | list) and len(value) == 1 else value
        if isinstance(value, int) and not isinstance(value, bool) and value > 0:
            return value
    return None


def _eps(module: nn.Module) -> float:
    names = ("eps", "epsilon", "variance_epsilon")
    found = (getattr(module, name, None) for name in names)
    return next((float(value) for value in found if isinstance(value, float)), EPS)


def _groups(channels: int) -> list[int]:
    return [count for count in range(1, channels + 1) if channels % count == 0]
