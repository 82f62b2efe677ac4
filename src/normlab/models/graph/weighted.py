"""Functions that are given a module's own tensors, as the modules that PyTorch has for them.

So networks are read that derive a layer of their own from PyTorch's and call its function.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch import nn
from torch.nn import functional as F

Tensors = nn.Parameter | None


def as_weighted(function: Any, arguments: Sequence[Any], named: Mapping[str, Any]) -> nn.Module:
    """The module with these very parameters; raises `TypeError` or `KeyError` where there is none.

    Args:
        function: a key of `WEIGHTED`.
        arguments, named: what it is given behind the value.
    """
    return WEIGHTED[function](*arguments, **{key: value for key, value in named.items() if key != "input"})


def seen_as(module: nn.Module, kind: type[nn.Module]) -> nn.Module:
    """The module without what its class adds: its parameters, statistics and settings are the same objects."""
    seen = kind.__new__(kind)
    vars(seen).update(vars(module))
    return seen


def _layer_norm(shape: Sequence[int], weight: Tensors = None, bias: Tensors = None, eps: float = 1e-5) -> nn.Module:
    made = nn.LayerNorm(list(shape), eps, elementwise_affine=False)
    return _with(made, weight, bias)


def _group_norm(groups: int, weight: Tensors = None, bias: Tensors = None, eps: float = 1e-5) -> nn.Module:
    if weight is None:
        raise TypeError("a group norm whose channels are not known")
    return _with(nn.GroupNorm(groups, len(weight), eps, affine=False), weight, bias)


def _linear(weight: nn.Parameter, bias: Tensors = None) -> nn.Module:
    outputs, inputs = weight.shape
    return _with(nn.Linear(inputs, outputs, device="meta"), weight, bias)


def _conv(  # noqa: PLR0917 - PyTorch's
    weight: nn.Parameter,
    bias: Tensors = None,
    stride: Any = 1,
    padding: Any = 0,
    dilation: Any = 1,
    groups: int = 1,
) -> nn.Module:
    outputs, inputs, *kernel = weight.shape
    made = nn.Conv2d(inputs * groups, outputs, kernel, stride, padding, dilation, groups, device="meta")  # type: ignore[arg-type]
    return _with(made, weight, bias)


def _with(module: nn.Module, weight: Tensors, bias: Tensors) -> nn.Module:
    module.weight, module.bias = weight, bias  # type: ignore[assignment]  # modules without them hold None
    return module


WEIGHTED: dict[Any, Callable[..., nn.Module]] = {
    **dict.fromkeys((F.layer_norm, torch.layer_norm), _layer_norm),
    **dict.fromkeys((F.group_norm, torch.group_norm), _group_norm),
    F.linear: _linear,
    **dict.fromkeys((F.conv2d, torch.conv2d), _conv),
}
