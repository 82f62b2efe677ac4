"""How a value lies in PyTorch while it is one plane to us: permutations and flattenings that move no value in a graph.

first (C, H, W)      last (H, W, C)      flat (C, H·W)      tokens (H·W, C)
split:g (g, C/g, H, W)                   turned:g (C/g, g, H, W), from where channels are put together again shuffled
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import nn

from normlab.models.graph.functions import KEEPING
from normlab.models.graph.operations import AcrossChannels, EachPosition, Line, Moved, Product, Scaled

Layout = str
MOVES: dict[tuple[Layout, tuple[int, ...]], Layout] = {
    ("first", (0, 2, 3, 1)): "last",
    ("last", (0, 3, 1, 2)): "first",
    ("flat", (0, 2, 1)): "tokens",
    ("tokens", (0, 2, 1)): "flat",
}
"""By the order that dimensions get."""
FLATTENED: dict[Layout, Layout] = {"first": "flat", "last": "tokens", "flat": "flat", "tokens": "tokens"}
UNFLATTENED: dict[Layout, Layout] = {"flat": "first", "tokens": "last", "first": "first", "last": "last"}
PERMUTING = {torch.permute, "permute"}
TRANSPOSING = {torch.transpose, torch.swapaxes, "transpose", "swapaxes"}
FLATTENING = {torch.flatten, torch.reshape, "flatten", "reshape", "view"}
MOVING = PERMUTING | TRANSPOSING | FLATTENING | {*KEEPING}
"""What may only lay a value otherwise; `laid` tells."""
MEANS = {torch.mean, "mean"}


def laid(
    target: Any, arguments: Sequence[Any], before: Layout, shape: tuple[int, ...], after: tuple[int, ...]
) -> Layout | None:
    """The layout of what an operation gives that only lays a value otherwise; None where it does more.

    Args:
        target, arguments: the operation, and what it is given behind the value.
        before: how the value lies.
        shape: (C, H, W) of the value.
        after: of what comes out, in its own layout.
    """
    if target in KEEPING:
        return before
    if target in PERMUTING:
        order = arguments[0] if isinstance(arguments[0], tuple | list) else arguments
        return _moved(before, tuple(d % len(order) for d in order))
    if target in TRANSPOSING:
        return _moved(before, _swapped(len(after) + 1, *arguments))
    if target in FLATTENING:
        ways = [to[before] for to in (FLATTENED, UNFLATTENED) if before in to]
        ways += [f"split:{after[0]}"] if before == "first" and len(after) > len(shape) else ["first"] * (":" in before)
        return next((way for way in ways if _as(way, shape) == after), None)
    return None


def _moved(before: Layout, order: tuple[int, ...]) -> Layout | None:
    kind, _, groups = before.partition(":")
    if groups and order == (0, 2, 1, 3, 4):
        return f"turned:{groups}" if kind == "split" else f"split:{groups}"
    return MOVES.get((before, order))


def shuffled(before: Layout, after: Layout) -> int:
    """The groups whose channels have taken turns where a value lies as an image again; 0 where none have."""
    kind, _, groups = before.partition(":")
    return int(groups) if kind == "turned" and after == "first" else 0


def _swapped(count: int, a: int, b: int) -> tuple[int, ...]:
    order = list(range(count))
    order[a], order[b] = order[b], order[a]
    return tuple(order)


def _as(layout: Layout, shape: tuple[int, ...]) -> tuple[int, ...]:
    """What a value of (C, H, W) has as its shape."""
    if len(shape) != 3:
        return shape
    c, h, w = shape
    kind, _, groups = layout.partition(":")
    if groups:
        g = int(groups)
        return (g, c // g, h, w) if kind == "split" else (c // g, g, h, w)
    return {"first": (c, h, w), "last": (h, w, c), "flat": (c, h * w), "tokens": (h * w, c)}[layout]


def plane(layout: Layout, after: tuple[int, ...], before: tuple[int, ...]) -> tuple[int, ...]:
    """(C, H, W) of what has a shape in a layout and came of a plane, whose rows and columns it keeps."""
    if layout == "first" or ":" in layout:
        return after if layout == "first" else before
    return (after[0] if layout == "flat" else after[-1], *before[1:])


def over_channels(module: nn.Module, layout: Layout) -> nn.Module | None:
    """What a module does to the planes of a value that lies so; None where it does not look at each, or at channels."""
    if layout in ("last", "tokens"):
        if type(module) is nn.Linear:
            return EachPosition(module)
        if type(module) is nn.LayerNorm and len(module.normalized_shape) == 1:
            return AcrossChannels(module)
    return module if type(module) in ELEMENTWISE or getattr(module, "p", None) == 0 else None


def over_positions(arguments: Sequence[Any], named: Mapping[str, Any], layout: Layout) -> bool:
    """Whether a mean with these arguments is that over all positions of a value that lies so."""
    dims = named.get("dim", arguments[1] if len(arguments) > 1 else None)
    dims = (dims,) if isinstance(dims, int) else dims
    count = 4 if layout == "last" else 3
    return isinstance(dims, tuple | list) and {d % count for d in dims} == POSITIONS[layout]


def of_each_channel(shape: tuple[int, ...], value: tuple[int, ...], layout: Layout) -> bool:
    """Whether a tensor of a shape has one number for each channel of a value, and for nothing else.

    Args:
        shape: the tensor's.
        value: the value's, with the images' dimension first.
        layout: how it lies.
    """
    place = 1 if layout in ("first", "flat") else len(value) - 1
    wanted = tuple(size if k == place else 1 for k, size in enumerate(value))
    return (*[1] * (len(value) - len(shape)), *shape) == wanted


POSITIONS: dict[Layout, set[int]] = {"first": {2, 3}, "last": {1, 2}, "flat": {2}, "tokens": {1}}
ELEMENTWISE = {
    *(Line, Product, Scaled, Moved),
    *(nn.ReLU, nn.GELU, nn.SiLU, nn.Mish, nn.Sigmoid, nn.Tanh, nn.LeakyReLU, nn.ELU, nn.SELU, nn.CELU, nn.Identity),
    *(nn.ReLU6, nn.Hardswish, nn.Hardsigmoid, nn.Hardtanh, nn.Softplus),
}
"""Modules that are the same however a value lies."""
