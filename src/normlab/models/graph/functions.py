"""Functions that networks call, as modules that compute the same: who walks over a graph knows modules alone."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch import nn
from torch.nn import functional as F

from normlab.models.graph.operations import EXPONENTS, Joined, Line, Padded, Piece, Power, Product, Spread, amounts

SUMS = {operator.add, operator.iadd, torch.add, "add", "add_"}
"""By function, or by the name of a tensor's method."""
DIFFERENCES = {operator.sub, operator.isub, torch.sub, "sub", "sub_"}
KEEPING = ("contiguous", "to", "float", "type", "type_as", "clone")
"""Methods that keep all numbers, as long as they keep their kind."""
QUOTIENTS = {operator.truediv, operator.itruediv, torch.div, torch.divide, torch.true_divide, "div", "div_", "divide"}
PRODUCTS = {operator.mul, operator.imul, torch.mul, torch.multiply, "mul", "mul_", "multiply"}
LARGEST = 3e38
"""No float32 is above it by much."""
JOINING = (torch.cat, torch.concat, torch.concatenate)


class Value:
    """Stands for a tensor among the arguments of a call."""


VALUE = Value()


def as_modules(function: Any, arguments: Sequence[Any], named: Mapping[str, Any]) -> list[nn.Module]:
    """The modules, in a row, that compute a function, or a tensor's method by its name.

    Args:
        function: what is called.
        arguments, named: what it is given, `VALUE` for each tensor. The first module reads the tensors in their order.

    Raises `ValueError` or `TypeError` where there are none.
    """
    if function in OF_SEVERAL:
        return OF_SEVERAL[function](*arguments, **named)
    named = {key: value for key, value in named.items() if key not in ("input", "self")}
    if function not in FUNCTIONS or VALUE in arguments[1:] or VALUE in named.values():
        raise ValueError(f"no modules compute {function}")
    return FUNCTIONS[function](*arguments[1:], **named)


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


def _line(factor: float, shift: float) -> list[nn.Module]:
    if isinstance(factor, bool | torch.Tensor) or isinstance(shift, bool | torch.Tensor):
        raise TypeError("a tensor that belongs to no module")
    return [Line(factor, shift)]


def _times(a: Any, b: Any) -> list[nn.Module]:
    if a is VALUE and b is VALUE:
        return [Product()]
    return _line(b if a is VALUE else a, 0)


def _plus(a: Any, b: Any, alpha: float = 1) -> list[nn.Module]:
    return _line(1, b * alpha if a is VALUE else a)


def _minus(a: Any, b: Any, alpha: float = 1) -> list[nn.Module]:
    return _line(1, -b * alpha) if a is VALUE else _line(-alpha, a)


def _divided(a: Any, b: Any) -> list[nn.Module]:
    if a is VALUE:
        return [Product()] if b is VALUE else _line(1 / b, 0)  # of two values, the other is turned over before
    return [Power(-1), *_line(a, 0)]


def _power(exponent: float) -> list[nn.Module]:
    if exponent not in EXPONENTS:
        raise ValueError("a power that takes a logarithm")
    return [Power(exponent)]


def _negative(_: Any) -> list[nn.Module]:
    return _line(-1, 0)


def _joined(tensors: Sequence[Any], dim: int = 0, axis: int | None = None) -> list[nn.Module]:
    if not all(each is VALUE for each in tensors):
        raise ValueError("joined with a tensor that no module makes")
    return [Joined(1 if (dim if axis is None else axis) in (1, -3) else 0)]


def _spread(*_: Any) -> list[nn.Module]:
    return [Spread(())]  # to the shape that is seen


def _padded(pads: Sequence[int], mode: str = "constant", value: float | None = None) -> list[nn.Module]:
    return [Padded(amounts(pads), mode, value or 0.0)]


def _piece(index: Any) -> list[nn.Module]:
    first, *rest = index if isinstance(index, tuple) else (index,)
    if rest and rest[0] is Ellipsis and len(rest) == 3:
        rest[:1] = [slice(None)]
    if rest == [slice(None), 0, 0] or (rest[1:] and all(each is None for each in rest[1:])):
        return _flatten()
    whole = first == slice(None) and all(isinstance(each, slice) for each in rest)
    if not whole or any(isinstance(each.step, int) and each.step < 1 for each in rest):
        raise ValueError("no piece of channels, rows and columns")
    return [Piece(*rest)]


def _nearest(
    size: Any = None, scale_factor: Any = None, mode: str = "nearest", align_corners: Any = None, **others: Any
) -> list[nn.Module]:
    if mode != "nearest" or align_corners or any(others.values()):
        raise ValueError("an interpolation")
    return [nn.UpsamplingNearest2d(size, scale_factor)]


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


def _adaptive_max(output_size: Any, return_indices: bool = False) -> list[nn.Module]:
    return [nn.AdaptiveMaxPool2d(output_size, return_indices)]


def _largest(dim: Any = None, keepdim: bool = False) -> list[nn.Module]:
    if not isinstance(dim, tuple | list) or {d % 4 for d in dim} != {2, 3}:
        raise ValueError("a maximum over something else than height and width")
    return [nn.AdaptiveMaxPool2d(1), *([] if keepdim else [nn.Flatten()])]


def _shuffled(groups: int) -> list[nn.Module]:
    return [nn.ChannelShuffle(groups)]


def _hardtanh(min_val: float = -1.0, max_val: float = 1.0, inplace: bool = False) -> list[nn.Module]:
    return [nn.Hardtanh(min_val, max_val, inplace)]


def _clamped(min: float | None = None, max: float | None = None) -> list[nn.Module]:  # noqa: A002 - PyTorch's names
    return [nn.Hardtanh(-LARGEST if min is None else min, LARGEST if max is None else max)]


def _softplus(beta: float = 1.0, threshold: float = 20.0) -> list[nn.Module]:
    return [nn.Softplus(beta, threshold)]


def _celu(alpha: float = 1.0, inplace: bool = False) -> list[nn.Module]:
    return [nn.CELU(alpha, inplace)]


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
    F.mish: _in_place_or_not(nn.Mish),
    **dict.fromkeys((F.selu, torch.selu), _in_place_or_not(nn.SELU)),
    F.celu: _celu,
    F.hardtanh: _hardtanh,
    **dict.fromkeys((torch.clamp, torch.clip, "clamp", "clip"), _clamped),
    **dict.fromkeys((torch.clamp_min, "clamp_min"), _clamped),
    **dict.fromkeys((torch.clamp_max, "clamp_max"), lambda max: _clamped(max=max)),  # noqa: A006 - PyTorch's name
    **dict.fromkeys((torch.zeros_like,), lambda: [Line(0, 0)]),
    **dict.fromkeys((torch.ones_like,), lambda: [Line(0, 1)]),
    F.softplus: _softplus,
    **dict.fromkeys((operator.pow, torch.pow, "pow"), _power),
    **dict.fromkeys((torch.sqrt, "sqrt"), lambda: _power(0.5)),
    **dict.fromkeys((torch.rsqrt, "rsqrt"), lambda: _power(-0.5)),
    **dict.fromkeys((torch.square, "square"), lambda: _power(2)),
    **dict.fromkeys((torch.reciprocal, "reciprocal"), lambda: _power(-1)),
    **dict.fromkeys((torch.sigmoid, F.sigmoid, "sigmoid"), lambda: [nn.Sigmoid()]),
    **dict.fromkeys((torch.tanh, F.tanh, "tanh"), lambda: [nn.Tanh()]),
    **dict.fromkeys((torch.flatten, torch.reshape, "flatten", "view", "reshape"), _flatten),
    **dict.fromkeys((torch.mean, "mean"), _mean),
    **dict.fromkeys((F.max_pool2d, torch.max_pool2d), _max_pool),
    F.avg_pool2d: _avg_pool,
    F.adaptive_avg_pool2d: _adaptive,
    F.adaptive_max_pool2d: _adaptive_max,
    **dict.fromkeys((torch.amax, "amax"), _largest),
    F.channel_shuffle: _shuffled,
    F.pad: _padded,
    F.interpolate: _nearest,
    operator.getitem: _piece,
    **dict.fromkeys((torch.squeeze, torch.unsqueeze, "squeeze", "unsqueeze", *KEEPING), _flatten),
    **dict.fromkeys((F.log_softmax, torch.log_softmax, "log_softmax"), _log_softmax),
    **dict.fromkeys((F.softmax, torch.softmax, "softmax"), _softmax),
}
OF_SEVERAL: dict[Any, Callable[..., list[nn.Module]]] = {
    **dict.fromkeys(PRODUCTS, _times),
    **dict.fromkeys(SUMS, _plus),
    **dict.fromkeys(DIFFERENCES, _minus),
    **dict.fromkeys(QUOTIENTS, _divided),
    **dict.fromkeys((operator.neg, torch.neg, "neg"), _negative),
    **dict.fromkeys(("expand", "expand_as"), _spread),
    **dict.fromkeys(JOINING, _joined),
}
"""Functions that take tensors in any place."""
