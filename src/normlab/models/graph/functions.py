"""Functions that networks call, as modules that compute the same: who walks over a graph knows modules alone."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch import nn
from torch.nn import functional as F

SUMS = {operator.add, operator.iadd, torch.add, "add", "add_"}
"""By function, or by the name of a tensor's method."""


def as_modules(function: Any, settings: Sequence[Any], named: Mapping[str, Any]) -> list[nn.Module]:
    """The modules, in a row, that compute a function, or a tensor's method by its name.

    Args:
        function: what is called.
        settings, named: its arguments behind the tensor, by place and by name.

    Raises `ValueError` or `TypeError` where there are none.
    """
    if function not in FUNCTIONS:
        raise ValueError(f"no modules compute {function}")
    return FUNCTIONS[function](*settings, **named)


def _relu(inplace: bool = False) -> list[nn.Module]:
    return [nn.ReLU(inplace)]


def _leaky_relu(negative_slope: float = 0.01, inplace: bool = False) -> list[nn.Module]:
    return [nn.LeakyReLU(negative_slope, inplace)]


def _elu(alpha: float = 1.0, inplace: bool = False) -> list[nn.Module]:
    return [nn.ELU(alpha, inplace)]


def _gelu(approximate: str = "none") -> list[nn.Module]:
    return [nn.GELU(approximate)]


def _in_place_or_not(kind: Any) -> Callable[..., list[nn.Module]]:
    return lambda inplace=False: [kind(inplace)]


def _flatten(*_sizes: Any, **_dims: Any) -> list[nn.Module]:
    return [nn.Flatten()]  # whether it is one is seen by its shapes


def _mean(dim: Any = None, keepdim: bool = False) -> list[nn.Module]:
    if not isinstance(dim, tuple | list) or {d % 4 for d in dim} != {2, 3}:
        raise ValueError("a mean over something else than height and width")
    return [nn.AdaptiveAvgPool2d(1), *([] if keepdim else [nn.Flatten()])]


def _max_pool(
    kernel_size: Any, stride: Any = None, padding: Any = 0, dilation: Any = 1, **others: Any
) -> list[nn.Module]:
    return [nn.MaxPool2d(kernel_size, stride, padding, dilation, **others)]


def _avg_pool(*settings: Any, **others: Any) -> list[nn.Module]:
    return [nn.AvgPool2d(*settings, **others)]


def _adaptive(output_size: Any) -> list[nn.Module]:
    return [nn.AdaptiveAvgPool2d(output_size)]


def _dropout(p: float = 0.5, training: bool = True, inplace: bool = False) -> list[nn.Module]:
    if training:
        raise ValueError("dropout that goes on in eval mode")
    return [nn.Dropout(p, inplace)]


def _log_softmax(dim: int, **_others: Any) -> list[nn.Module]:
    return [nn.LogSoftmax(dim)]


def _softmax(dim: int, **_others: Any) -> list[nn.Module]:
    return [nn.Softmax(dim)]


FUNCTIONS: dict[Any, Callable[..., list[nn.Module]]] = {
    **dict.fromkeys((F.relu, torch.relu, "relu", "relu_"), _relu),
    F.leaky_relu: _leaky_relu,
    F.elu: _elu,
    F.gelu: _gelu,
    F.relu6: _in_place_or_not(nn.ReLU6),
    F.silu: _in_place_or_not(nn.SiLU),
    F.hardswish: _in_place_or_not(nn.Hardswish),
    F.hardsigmoid: _in_place_or_not(nn.Hardsigmoid),
    **dict.fromkeys((torch.sigmoid, F.sigmoid, "sigmoid"), lambda: [nn.Sigmoid()]),
    **dict.fromkeys((torch.tanh, F.tanh, "tanh"), lambda: [nn.Tanh()]),
    **dict.fromkeys((torch.flatten, "flatten", "view", "reshape"), _flatten),
    **dict.fromkeys((torch.mean, "mean"), _mean),
    **dict.fromkeys((F.max_pool2d, torch.max_pool2d), _max_pool),
    F.avg_pool2d: _avg_pool,
    F.adaptive_avg_pool2d: _adaptive,
    F.dropout: _dropout,
    **dict.fromkeys((F.log_softmax, torch.log_softmax, "log_softmax"), _log_softmax),
    **dict.fromkeys((F.softmax, torch.softmax, "softmax"), _softmax),
}
