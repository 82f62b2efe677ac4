"""What a network picks out of a value: by its index, or as one of the parts that something was cut into."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import torch
from torch import fx

from normlab.models.graph.layouts import IMAGES, Dim, Layout, joined, sizes
from normlab.models.graph.passed import DIVISIONS, Passed

Start = tuple[int, int, int]
"""The first channel, row and column."""
UNBINDING = {torch.unbind, "unbind"}


def is_part(call: fx.Node) -> bool:
    """Whether a call picks one of the parts that something was cut into."""
    return call.target is operator.getitem and getattr(call.args[0], "target", None) in DIVISIONS


def index_of(call: fx.Node, passed: Passed) -> tuple[Any, ...]:
    """The index, as PyTorch has it, of what a call picks; of a part, where that lies in what was cut."""
    if not is_part(call):
        index: Any = call.args[1]
        return index if isinstance(index, tuple) else (index,)
    cut: Any = call.args[0]
    number: Any = call.args[1]
    dim = cut.kwargs.get("dim", cut.args[-1] if len(cut.args) > (1 if cut.target in UNBINDING else 2) else 0)
    before = dim % len(passed.sizes[cut.args[0].name])
    parts = passed.divided[cut.name]
    if cut.target in UNBINDING:
        return (*[slice(None)] * before, number % len(parts))
    lengths = [part[before] for part in parts]
    start = sum(lengths[: number % len(parts)])
    return (*[slice(None)] * before, slice(start, start + lengths[number]))


def chosen(layout: Layout, index: Sequence[Any]) -> tuple[Layout, Start] | None:
    """How a part of a plane lies, and where it begins; None where it takes some images, or no even part of a walk."""
    given = sum(each is not None and each is not Ellipsis for each in index)
    left, start, found = list(layout), [0, 0, 0, 0], list[Dim]()
    wanted = [*index] if Ellipsis in index else [*index, Ellipsis]
    for each in wanted:
        if each is None:
            found.append(())
        elif each is Ellipsis:
            found += [left.pop(0) for _ in range(len(layout) - given)]
        elif (part := _part(left.pop(0), each, start)) is None:
            return None
        else:
            found += part
    return tuple(found), (start[1], start[2], start[3])


def _part(dim: Dim, each: Any, start: list[int]) -> list[Dim] | None:
    """What is left of a dimension, which adds to the start; none of it where one step was picked."""
    if each == slice(None):
        return [dim]
    if any(axis.place == IMAGES for axis in dim) or not isinstance(each, int | slice):
        return None
    (size,) = sizes((dim,))
    if isinstance(each, slice) and each.indices(size) == (0, size, 1):
        return [dim]
    if isinstance(each, int):
        _go(dim, each % size, start)
        return []
    first, last, step = each.indices(size)
    return _sliced(dim, first, -((first - last) // step), step, start) if step > 0 else None


def _sliced(dim: Dim, first: int, count: int, step: int, start: list[int]) -> list[Dim] | None:
    """Some steps of a dimension from a first one on."""
    if count < 1 or (count > 1 and len(dim) != 1):
        return None
    _go(dim, first, start)
    return [()] if count == 1 else [joined([replace(dim[0], size=count, stride=dim[0].stride * step)])]


def _go(dim: Dim, steps: int, start: list[int]) -> None:
    """Add so many steps along a dimension to the start."""
    for axis in reversed(dim):
        steps, rest = divmod(steps, axis.size)
        start[axis.place] += rest * axis.stride
