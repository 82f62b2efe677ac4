"""What kernels need to know of a module, read off its attributes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from torch import nn

from normlab.norms import kinds
from normlab.training.lanes.kernels.activations import Activation
from normlab.training.lanes.kernels.norms import Affine
from normlab.training.lanes.kernels.pooling import Window
from normlab.training.lanes.plane import Plane


def kernel(module: Any, source: tuple[int, int, int]) -> tuple[int, int]:
    """Rows and columns of a convolution's kernel; a linear layer sees the whole plane."""
    if isinstance(module, nn.Linear):
        return source[1], source[2]
    rows, columns = module.kernel_size
    return rows, columns


def stride(module: Any) -> int:
    """Positions of the input from one output to the next."""
    return 1 if isinstance(module, nn.Linear) else int(module.stride[0])


def padding(module: Any) -> tuple[int, int]:
    """Rows and columns of zeros around the input."""
    if isinstance(module, nn.Linear):
        return 0, 0
    if isinstance(module.padding, str):
        rows, columns = module.kernel_size if module.padding == "same" else (1, 1)
        return (rows - 1) // 2, (columns - 1) // 2
    return pair(module.padding)


def largest_window(module: nn.MaxPool2d) -> Window:
    """The window of a maximum."""
    return Window(pair(module.kernel_size), pair(module.stride), pair(module.padding))


def mean_window(module: Any, x: Plane, y: Plane) -> Window:
    """The window of an average, also where a module says only how many there are."""
    if isinstance(module, nn.AdaptiveAvgPool2d):
        size = x.height // y.height, x.width // y.width
        return Window(size, size)
    return Window(pair(module.kernel_size), pair(module.stride))


ACTIVATIONS: dict[type[nn.Module], Callable[[Any], Activation]] = {
    nn.LeakyReLU: lambda module: Activation("leaky", float(module.negative_slope)),
    nn.ELU: lambda module: Activation("elu", float(module.alpha)),
    nn.ReLU6: lambda _: Activation("relu6"),
    nn.Hardsigmoid: lambda _: Activation("hardsigmoid"),
    nn.Hardswish: lambda _: Activation("hardswish"),
    nn.Sigmoid: lambda _: Activation("sigmoid"),
    nn.Tanh: lambda _: Activation("tanh"),
    nn.SiLU: lambda _: Activation("silu"),
    nn.GELU: lambda module: Activation("gelu" if module.approximate == "none" else "gelu tanh"),
}
"""What of its attributes an activation's kernel is told."""


def affine(norm: nn.Module) -> Affine:
    """What γ and β have a value for."""
    return "element" if kinds.of_each_element(norm) else "channel"


def pair(value: int | tuple[int, ...]) -> tuple[int, int]:
    """(down, across) of a setting that may be one number for both."""
    return (value, value) if isinstance(value, int) else (value[0], value[1])
