"""Values that are turned around: what leaves at one end comes back at the other, as windows that are shifted do it."""

from __future__ import annotations

from typing import Any

import torch
from torch import fx

from normlab.models.graph import layouts
from normlab.models.graph.operations import Joined, Piece
from normlab.models.graph.refusals import not_understood
from normlab.models.graph.walk import Laid, Walk


def rolled(walk: Walk, call: fx.Node, given: list[Laid]) -> Laid | None:
    """The two pieces of a value, along each dimension that is turned, in the other order; None for other calls."""
    if call.target not in (torch.roll, "roll") or len(given) != 1:
        return None
    shifts, dims = _asked(*walk.meaning.arguments(call))
    if len(shifts) != len(dims):
        raise not_understood(call, "which turns something else than dimensions around")
    whole = all(_is_whole(walk, given[0], dim) for dim in dims)
    name, layout = given[0] if whole else walk.apart(call, given[0])
    for shift, dim in zip(shifts, dims, strict=True):
        if not _is_whole(walk, (name, layout), dim):
            raise not_understood(call, "which turns something else than channels, rows or columns around")
        name = _turned(walk, call, name, layout[dim], shift)
    return name, layout


def _is_whole(walk: Walk, value: Laid, dim: int) -> bool:
    """Whether a dimension is all of a place, or has one index alone."""
    name, layout = value
    return len(layout[dim]) < 2 and all(layouts.is_whole(axis, walk.nodes[name].shape) for axis in layout[dim])


def _asked(given: Any, named: dict[str, Any]) -> tuple[tuple[int, ...], tuple[int, ...]]:
    said = {**dict(zip(("shifts", "dims"), given[1:], strict=False)), **named}
    both = (said.get("shifts", ()), said.get("dims", ()))
    shifts, dims = ((each,) if isinstance(each, int) else tuple(each) for each in both)
    return shifts, dims


def _turned(walk: Walk, call: fx.Node, name: str, along: layouts.Dim, shift: int) -> str:
    """The node of a value that is turned around along one dimension."""
    steps = next((shift % axis.size for axis in along), 0)
    if not steps:
        return name
    (axis,), shape = along, walk.nodes[name].shape
    cut = axis.size - steps
    pieces = [_piece(walk, call, name, axis.place, part) for part in (slice(cut, None), slice(cut))]
    walk.meaning.check(call, joined := Joined(axis.place))
    return walk.node(call, joined, pieces, shape, copy=True)


def _piece(walk: Walk, call: fx.Node, name: str, place: int, part: slice) -> str:
    """Some of a plane, or of features, along a place."""
    shape = [*walk.nodes[name].shape]
    walk.meaning.check(call, piece := Piece(*[part if k == place else slice(None) for k in range(1, len(shape) + 1)]))
    shape[place - 1] = len(range(*part.indices(shape[place - 1])))
    return walk.node(call, piece, [name], tuple(shape), copy=True)
