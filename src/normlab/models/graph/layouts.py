"""How a value lies in PyTorch while it is one plane to us: what only lays it otherwise moves no value in a graph.

Each dimension of a value walks along axes of the plane (C, H, W): an image's along one each, tokens (H·W, C) along rows
and columns and then along channels, heads (h, H·W, d) along every d-th channel first. A reshape splits and joins axes,
a permutation gives them another order, and the images' axis goes along as any other.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from math import prod
from typing import Any

import torch
from torch import nn

from normlab.models.graph.functions import KEEPING
from normlab.models.graph.operations import AcrossChannels, EachPosition, Line, Moved, Power, Product, Scaled
from normlab.norms.rms import RMSNormFeatures, RMSNormImage

IMAGES, CHANNELS, ROWS, COLUMNS = range(4)
"""Places that an axis can walk along."""


@dataclass(frozen=True)
class Axis:
    """A walk along a place of a plane: so many steps, each over `stride` channels, rows or columns."""

    place: int
    size: int
    stride: int = 1

    def cut(self, size: int) -> tuple[Axis, Axis]:
        """The same walk in `size` long steps, each of them in short ones."""
        inner = self.size // size
        return replace(self, size=size, stride=self.stride * inner), replace(self, size=inner)


Dim = tuple[Axis, ...]
Layout = tuple[Dim, ...]
"""The axes of each dimension, the outermost first; none where there is one index alone."""
PERMUTING = {torch.permute, "permute"}
TRANSPOSING = {torch.transpose, torch.swapaxes, "transpose", "swapaxes"}
RESHAPING = {
    *(torch.flatten, torch.reshape, torch.squeeze, torch.unsqueeze),
    *("flatten", "reshape", "view", "squeeze", "unsqueeze", "unflatten"),
}
LIKE = {"reshape_as", "view_as"}
"""Those that are told by another value."""
MOVING = PERMUTING | TRANSPOSING | RESHAPING | LIKE | {*KEEPING}
"""What may only lay a value otherwise; `laid` tells."""


def usual(shape: Sequence[int], images: int) -> Layout:
    """Of a plane of (C, H, W), or of features (F,), as PyTorch has images."""
    return tuple(joined([Axis(place, size)]) for place, size in enumerate((images, *shape)))


def sizes(layout: Sequence[Dim]) -> tuple[int, ...]:
    """The shape that PyTorch sees."""
    return tuple(prod(axis.size for axis in dim) for dim in layout)


def laid(target: Any, arguments: Sequence[Any], before: Layout, after: Sequence[int]) -> Layout | None:
    """The layout of what an operation gives that only lays a value otherwise; None where it does more.

    Args:
        target, arguments: the operation, and what it is given behind the value.
        before: how the value lies.
        after: the sizes of what comes out.
    """
    if target in KEEPING:
        return before
    if target in PERMUTING:
        order = arguments[0] if isinstance(arguments[0], tuple | list) else arguments
        return tuple(before[d] for d in order)
    if target in TRANSPOSING:
        order = list(range(len(before)))
        a, b = arguments
        order[a], order[b] = order[b], order[a]
        return tuple(before[d] for d in order)
    return regrouped(before, after) if target in RESHAPING | LIKE else None


def regrouped(layout: Layout, after: Sequence[int]) -> Layout | None:
    """The same walk with dimensions of other sizes; None where that would cut the images, or does not come out even."""
    left, found = [axis for dim in layout for axis in dim], list[Dim]()
    for size in after:
        dim, wanted = list[Axis](), size
        while wanted > 1 and left:
            axis = left.pop(0)
            if axis.size > wanted and axis.size % wanted == 0 and axis.place != IMAGES:
                axis, rest = axis.cut(wanted)
                left.insert(0, rest)
            if wanted % axis.size:
                return None
            wanted //= axis.size
            dim.append(axis)
        if wanted > 1:
            return None
        found.append(joined(dim))
    return None if left else tuple(found)


def joined(axes: Sequence[Axis]) -> Dim:
    """The same walk with as few axes as it takes."""
    found = list[Axis]()
    for axis in axes:
        last = found[-1] if found else None
        if last and last.place == axis.place != IMAGES and last.stride == axis.stride * axis.size:
            found[-1] = Axis(axis.place, last.size * axis.size, axis.stride)
        elif axis.size > 1:
            found.append(axis)
    return tuple(found)


def along(size: int) -> Dim:
    """A dimension of a tensor that is the same for every image, which walks along no plane yet."""
    return joined([Axis(CHANNELS, size)])


def of_each_image(layout: Layout) -> bool:
    """Whether images are what the first dimension walks along, alone."""
    return bool(layout) and [axis.place for axis in layout[0]] == [IMAGES]


def with_images(layout: Layout) -> list[bool]:
    """Which dimensions walk along images."""
    return [any(axis.place == IMAGES for axis in dim) for dim in layout]


def shuffled(layout: Layout, shape: Sequence[int], images: int) -> int:
    """The groups whose channels have taken turns where a value lies as an image otherwise; 0 where none have."""
    plain = usual(shape, images)
    if len(layout) != len(plain) or (*layout[:1], *layout[2:]) != (*plain[:1], *plain[2:]) or len(layout[1]) != 2:
        return 0
    each, groups = layout[1]
    turns = (each.place, each.stride, groups.place, groups.stride) == (CHANNELS, 1, CHANNELS, each.size)
    return groups.size if turns else 0


def over_channels(module: nn.Module, layout: Layout, shape: Sequence[int]) -> nn.Module | None:
    """What a module does to the planes of a value that lies so; None where it does not look at each, or at channels."""
    if type(module) is nn.Linear and is_channels(layout[-1], shape):
        return EachPosition(module)
    if type(module) in NORMALIZED:
        normalized = [dim for dim in layout[-NORMALIZED[type(module)](module, len(layout)) :] if dim]
        if len(normalized) == 1 and is_channels(normalized[0], shape):
            return AcrossChannels(module, _eps(module), centres=type(module) not in WITHOUT_A_MEAN)
    if type(module) in OF_PLANES and len(layout) > 1 and is_channels(layout[1], shape):
        return module if OF_PLANES[type(module)] or of_each_image(layout) else None
    if type(module) is nn.Softmax and module.dim is not None:
        dim = layout[module.dim]
        if not dim:
            return Line(0, 1)  # of one alone, all of it
        return nn.Softmax(dim[0].place) if len(dim) == 1 and is_whole(dim[0], shape) else None
    alone = getattr(module, "of_each_value", False) or getattr(module, "p", None) == 0
    dropped = (drops(module) and numbered(layout, shape) is not None) or (
        drops_images(module) and of_each_image(layout)
    )
    return module if type(module) in ELEMENTWISE or alone or dropped else None


def drops(module: nn.Module) -> bool:
    """Whether a module drops single values, by their number."""
    return isinstance(module, nn.Dropout) or getattr(module, "unit", "") == "value"


def drops_images(module: nn.Module) -> bool:
    """Whether a module drops whole images."""
    return getattr(module, "unit", "") == "image"


def numbered(layout: Layout, shape: Sequence[int]) -> tuple[int, int, int] | None:
    """How far apart an image's values are, as PyTorch numbers them, from one channel, row and column to the next."""
    return strides(sizes(layout)[1:], layout, shape) if of_each_image(layout) else None


def is_channels(dim: Dim, shape: Sequence[int]) -> bool:
    """Whether a dimension walks along all channels, one after the other, and nothing else does."""
    return dim == joined([Axis(CHANNELS, shape[0])])


def is_whole(axis: Axis, shape: Sequence[int]) -> bool:
    """Whether an axis walks along all that its place has, one after the other."""
    return axis.place != IMAGES and axis == Axis(axis.place, shape[axis.place - 1])


def strides(shape: Sequence[int], layout: Layout, whole: Sequence[int]) -> tuple[int, int, int] | None:
    """How far apart a tensor's numbers are from one channel, row and column of a value to the next, 0 where it is one.

    Args:
        shape: the tensor's, which is spread over the value as PyTorch does it.
        layout: how the value lies.
        whole: (C, H, W) of its plane, or (F,).

    None where the tensor has numbers for something else than whole channels, rows and columns.
    """
    if len(shape) > len(layout):
        return None
    found, step = [0, 0, 0, 0], 1
    for size, dim in zip(reversed(shape), reversed(layout), strict=False):
        if size == 1:
            continue
        if size != prod(axis.size for axis in dim):
            return None
        for axis in reversed(dim):
            if not is_whole(axis, whole):
                return None
            found[axis.place], step = step, step * axis.size
    return found[CHANNELS], found[ROWS], found[COLUMNS]


def _eps(norm: Any) -> float:
    return float(torch.finfo(torch.float32).eps if norm.eps is None else norm.eps)


NORMALIZED: dict[type[nn.Module], Callable[[Any, int], int]] = {
    **dict.fromkeys((nn.LayerNorm, nn.RMSNorm), lambda norm, _: len(norm.normalized_shape)),
    RMSNormFeatures: lambda _norm, _: 1,
    RMSNormImage: lambda _norm, count: count - 1,
    nn.GroupNorm: lambda norm, count: (count - 1) if norm.num_groups == 1 else count,
}
"""Over how many of a value's last dimensions a norm goes: where all but one have one index, it is over that one."""
OF_PLANES = {nn.BatchNorm1d: True, nn.BatchNorm2d: True, nn.GroupNorm: False, nn.InstanceNorm2d: False}
"""Norms of channels over all positions, and whether over all images as well."""
WITHOUT_A_MEAN = {nn.RMSNorm, RMSNormFeatures, RMSNormImage}
ELEMENTWISE = {
    *(Line, Power, Product, Scaled, Moved),
    *(nn.ReLU, nn.GELU, nn.SiLU, nn.Mish, nn.Sigmoid, nn.Tanh, nn.LeakyReLU, nn.ELU, nn.SELU, nn.CELU, nn.Identity),
    *(nn.ReLU6, nn.Hardswish, nn.Hardsigmoid, nn.Hardtanh, nn.Softplus),
}
"""Modules that are the same however a value lies."""
