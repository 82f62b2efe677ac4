"""What kernels need to know of a module, read off its attributes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from torch import nn

from normlab.models.graph.inherited import computes_as
from normlab.models.graph.operations import Amounts, Joined, Line, Moved, Padded, Power, Spread, amounts
from normlab.norms import kinds
from normlab.training.lanes.kernels.activations import Activation
from normlab.training.lanes.kernels.norms import Affine
from normlab.training.lanes.kernels.pooling import Window
from normlab.training.lanes.phases import Side
from normlab.training.lanes.plane import Plane

OF_BATCHES = (nn.BatchNorm2d, nn.BatchNorm1d)
"""Norms whose statistics are those of the whole batch."""
PADS: dict[type[nn.Module], str] = {
    nn.ZeroPad2d: "constant",
    nn.ConstantPad2d: "constant",
    nn.ReflectionPad2d: "reflect",
    nn.ReplicationPad2d: "replicate",
    nn.CircularPad2d: "circular",
}
"""PyTorch's paddings as modules, and what they put around."""


def kernel(module: Any, source: tuple[int, int, int]) -> tuple[int, int]:
    """Rows and columns of a convolution's kernel; a linear layer sees the whole plane."""
    if isinstance(module, nn.Linear):
        return source[1], source[2]
    rows, columns = module.kernel_size
    return rows, columns


def dense(module: Any, source: tuple[int, int, int], made: tuple[int, int, int]) -> bool:
    """Whether a convolution is one product of a matrix with the whole plane."""
    alone = groups(module) == 1 and made[1:] == (1, 1) and padding(module) == (0, 0)
    return alone and kernel(module, source) == source[1:] and not padded_before(module)


def stride(module: Any) -> int:
    """Positions of the input from one output to the next."""
    return 1 if isinstance(module, nn.Linear) else int(module.stride[0])


def dilation(module: Any) -> tuple[int, int]:
    """Positions of the input from one of a kernel's taps to the next, down and across."""
    return (1, 1) if isinstance(module, nn.Linear) else pair(module.dilation)


def groups(module: Any) -> int:
    """Into how many groups a convolution splits the channels."""
    return 1 if isinstance(module, nn.Linear) else int(module.groups)


def padding(module: Any) -> tuple[int, int]:
    """Rows and columns of zeros around what a convolution's kernel reads."""
    (top, _), (left, _) = _around(module)
    return (0, 0) if padded_before(module) else (top, left)


def sides(module: Any, source: tuple[int, int, int]) -> tuple[Side, Side]:
    """What a convolution is down and across."""
    down, across = (
        Side(size, taps, stride(module), apart, pad)
        for size, taps, apart, pad in zip(
            source[1:], kernel(module, source), dilation(module), padding(module), strict=True
        )
    )
    return down, across


def padded_before(module: Any) -> Padded | None:
    """What stands before a convolution that pads in a way that its kernel does not know, which then pads nothing.

    The kernel knows as many zeros on both sides, fewer than its taps reach.
    """
    rows, columns = _around(module)
    known = isinstance(module, nn.Linear) or module.padding_mode == "zeros"
    reach = [(k - 1) * d for k, d in zip(kernel(module, (1, 1, 1)), dilation(module), strict=True)]
    even = all(pads[0] == pads[1] <= least for pads, least in zip((rows, columns), reach, strict=True))
    if known and even:
        return None
    return Padded(((0, 0), rows, columns), "constant" if known else module.padding_mode)


def _around(module: Any) -> tuple[tuple[int, int], tuple[int, int]]:
    """What a convolution pads: above and below, left and right."""
    if isinstance(module, nn.Linear):
        return (0, 0), (0, 0)
    if not isinstance(module.padding, str):
        down, across = pair(module.padding)
        return (down, down), (across, across)
    if module.padding == "valid":
        return (0, 0), (0, 0)
    down, across = (d * (k - 1) for k, d in zip(module.kernel_size, dilation(module), strict=True))
    return (down // 2, down - down // 2), (across // 2, across - across // 2)


def pads(module: Any) -> tuple[Amounts, str, float]:
    """What a padding puts around channels, rows and columns: how much, by which mode, and the value of a constant."""
    if isinstance(module, Padded):
        return module.amounts, module.mode, module.value
    mode = PADS[computes_as(module, PADS) or nn.ZeroPad2d]
    return amounts(module.padding), mode, float(getattr(module, "value", 0.0))


def own(module: Any) -> nn.Parameter:
    """The parameter of the network itself that is multiplied or added."""
    parameter: nn.Parameter = module.bias if isinstance(module, Moved) else module.weight
    return parameter


def centres(norm: Any) -> bool:
    """Whether a norm over channels takes their mean away."""
    return bool(getattr(norm, "centres", True))


def along(softmax: nn.Softmax) -> int:
    """The place that shares are of: 1 channels, 2 rows, 3 columns."""
    return softmax.dim or 0  # `trace` saw that it is none of images'


def starts(joined: Joined, values: Sequence[Any]) -> list[tuple[int, int, int]]:
    """Where each of the values that are put one behind the other begins."""
    found, reach = list[tuple[int, int, int]](), [0, 0, 0]
    for value in values:
        found.append((reach[0], reach[1], reach[2]))
        reach[joined.place - 1] += value.plane.shape[joined.place - 1]
    return found


def picked(module: Any, x: Plane) -> tuple[tuple[int, int, int], tuple[int, int, int]]:
    """Where a piece starts in x, and its steps; none where all of it is one row, column or channel of x."""
    if isinstance(module, Spread):
        down, across, deep = (int(size > 1) for size in x.shape)
        return (0, 0, 0), (down, across, deep)
    index = [*module.index, *[slice(None)] * (3 - len(module.index))]
    found = [each.indices(size) for each, size in zip(index, x.shape, strict=True)]
    (a, _, d), (b, _, e), (c, _, f) = found
    return (a, b, c), (d, e, f)


def uneven(module: Any, x: Plane, y: Plane) -> bool:
    """Whether an average says how many windows there are, and they are not of one size."""
    apart = any(size % made for size, made in zip(x.shape[1:], y.shape[1:], strict=True))
    return isinstance(module, nn.AdaptiveAvgPool2d) and apart


def largest_window(module: Any, x: Plane, y: Plane) -> Window:
    """The window of a maximum, also where a module says only how many there are."""
    if isinstance(module, nn.AdaptiveMaxPool2d):
        size = x.height // y.height, x.width // y.width
        return Window(size, size)
    return Window(pair(module.kernel_size), pair(module.stride), pair(module.padding))


def mean_window(module: Any, x: Plane, y: Plane) -> Window:
    """The window of an average, also where a module says only how many there are."""
    if isinstance(module, nn.AdaptiveAvgPool2d):
        size = x.height // y.height, x.width // y.width
        return Window(size, size)
    window = Window(pair(module.kernel_size), pair(module.stride), pair(module.padding))
    if module.divisor_override:
        return replace(window, counted=int(module.divisor_override))
    if not module.count_include_pad:
        return replace(window, counted="inside")
    return replace(window, counted="padding") if module.ceil_mode else window


SELU = 1.6732632423543772, 1.0507009873554805
"""α and scale of Klambauer et al. 2017."""
ACTIVATIONS: dict[type[nn.Module], Callable[[Any], Activation]] = {
    nn.LeakyReLU: lambda module: Activation("leaky", (float(module.negative_slope),)),
    nn.ELU: lambda module: Activation("elu", (float(module.alpha),)),
    nn.CELU: lambda module: Activation("elu", (float(module.alpha), 1.0, 1 / float(module.alpha))),
    nn.SELU: lambda _: Activation("elu", SELU),
    Line: lambda module: Activation("line", (module.factor, module.shift)),
    Power: lambda module: Activation("power", (module.exponent, float(module.flat))),
    nn.Hardtanh: lambda module: Activation("between", (float(module.min_val), float(module.max_val))),
    nn.Mish: lambda _: Activation("mish"),
    nn.Softplus: lambda module: Activation("softplus", (float(module.beta), float(module.threshold))),
    nn.ReLU6: lambda _: Activation("relu6"),
    nn.Hardsigmoid: lambda _: Activation("hardsigmoid"),
    nn.Hardswish: lambda _: Activation("hardswish"),
    nn.Sigmoid: lambda _: Activation("sigmoid"),
    nn.Tanh: lambda _: Activation("tanh"),
    nn.SiLU: lambda _: Activation("silu"),
    nn.GELU: lambda module: Activation("gelu" if module.approximate == "none" else "gelu tanh"),
}
"""What of its attributes an activation's kernel is told."""


def activation(module: nn.Module) -> Activation:
    """What its kernel is told of an activation."""
    return ACTIVATIONS[computes_as(module, ACTIVATIONS) or type(module)](module)


def affine(norm: nn.Module) -> Affine:
    """What γ and β have a value for."""
    return "element" if kinds.of_each_element(norm) else "channel"


def pair(value: int | tuple[int, ...]) -> tuple[int, int]:
    """(down, across) of a setting that may be one number for both."""
    return (value, value) if isinstance(value, int) else (value[0], value[1])
