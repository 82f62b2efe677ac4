"""Means, sums and maxima over whole dimensions of a value, as pools of planes."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any

import torch
from torch import fx, nn
from torch.nn import functional as F

from normlab.models.graph import layouts
from normlab.models.graph.functions import LARGEST, VALUE
from normlab.models.graph.layouts import CHANNELS, COLUMNS, IMAGES, ROWS, Axis
from normlab.models.graph.legs import arranged
from normlab.models.graph.operations import Line, Power, Product
from normlab.models.graph.passed import picks_largest
from normlab.models.graph.refusals import not_understood
from normlab.models.graph.walk import Laid, Walk

KINDS: dict[Any, str] = {
    **dict.fromkeys((torch.mean, "mean"), "mean"),
    **dict.fromkeys((torch.sum, "sum"), "sum"),
    **dict.fromkeys((torch.amax, "amax"), "maximum"),
    **dict.fromkeys((torch.var, "var"), "var"),
    **dict.fromkeys((torch.std, "std"), "std"),
    **dict.fromkeys((torch.norm, torch.linalg.vector_norm, "norm"), "norm"),
}
"""What puts numbers together. Norms are roots of sums of squares: `torch.linalg.norm` may mean those of matrices."""
SPREADS = {"var", "std"}
POOLS: dict[type[nn.Module], str] = {nn.AdaptiveAvgPool1d: "mean", nn.AdaptiveMaxPool1d: "maximum"}


def reduced(walk: Walk, call: fx.Node, given: list[Laid]) -> Laid | None:
    """What a call makes of all channels or positions; None for other calls, and for what images' pools say already."""
    if len(given) != 1:
        return None
    if call.target is F.normalize:
        return _normalized(walk, call, given[0])
    if (pool := walk.layer(call)) is not None:
        of_all = type(pool) in POOLS and pool.output_size in (1, (1,))
        return _over(walk, call, given[0], ({-1}, True), POOLS[type(pool)]) if of_all else None
    if picks_largest(call):
        both: Any = call.args[0]
        if (found := _over(walk, call, given[0], _asked(*walk.meaning.arguments(both)), "maximum")) is None:
            raise not_understood(both, "which puts images together")
        return found
    return _of_a_kind(walk, call, given[0]) if call.target in KINDS else None


def _of_a_kind(walk: Walk, call: fx.Node, value: Laid) -> Laid | None:
    kind, asked = KINDS[call.target], walk.meaning.arguments(call)
    if kind == "norm":
        found = _over(walk, call, walk.each(call, Power(2), value), _of_norm(*asked), "sum")
        return walk.each(call, Power(0.5, flat=True), found) if found else None
    if kind in SPREADS:
        return _variance(walk, call, value)
    return _over(walk, call, value, _asked(*asked), kind)


def _variance(walk: Walk, call: fx.Node, value: Laid) -> Laid | None:
    """The mean square of what is left of a value without its mean, or the root of that."""
    arguments, named = walk.meaning.arguments(call)
    unbiased = named.get("unbiased", arguments[2] if len(arguments) > 2 else True)
    dims, keeps = _asked([VALUE, *arguments[1:2], *arguments[3:]], named)
    mean = _over(walk, call, value, (dims, True), "mean")
    if mean is None or not isinstance(unbiased, bool):
        return None
    other, _ = walk.alike(call, value, walk.each(call, Line(-1), mean), thin=False)
    left = walk.node(call, None, [value[0], other], walk.nodes[value[0]].shape, copy=True), value[1]
    found = _over(walk, call, walk.each(call, Power(2), left), (dims, keeps), "mean")
    count, fewer = _count(value[1], dims), int(named.get("correction", unbiased))
    if found is None or count <= fewer:
        return None
    found = walk.each(call, Line(count / (count - fewer)), found) if fewer else found
    return walk.each(call, Power(0.5, flat=True), found) if KINDS[call.target] == "std" else found


def _count(layout: layouts.Layout, dims: set[int]) -> int:
    """How many numbers are put together."""
    return prod(axis.size for d in {d % len(layout) for d in dims} for axis in layout[d])


def _normalized(walk: Walk, call: fx.Node, value: Laid) -> Laid:
    """A value divided by its norm over a dimension."""
    arguments, named = walk.meaning.arguments(call)
    said = {"p": 2.0, "dim": 1, "eps": 1e-12, **dict(zip(("p", "dim", "eps"), arguments[1:], strict=False)), **named}
    squares = walk.each(call, Power(2), value)
    plain = said["p"] == 2 and not said.get("out")
    found = _over(walk, call, squares, ({said["dim"]}, True), "sum") if plain else None
    if found is None:
        raise not_understood(call)
    for module in (Power(0.5, flat=True), nn.Hardtanh(said["eps"], LARGEST), Power(-1)):
        found = walk.each(call, module, found)
    other, _ = walk.alike(call, value, found, thin=True)
    return walk.node(call, Product(), [value[0], other], walk.nodes[value[0]].shape, copy=True), value[1]


def _of_norm(given: Sequence[Any], named: dict[str, Any]) -> tuple[set[int], bool]:
    """The dimensions of a norm of squares; none where it is another."""
    kind = named.get("p", named.get("ord", given[1] if len(given) > 1 else 2))
    names = {key: value for key, value in named.items() if key in ("dim", "keepdim")}
    return _asked([VALUE, *given[2:]], names) if kind in (2, 2.0, "fro", None) else (set(), False)


def _over(walk: Walk, call: fx.Node, value: Laid, asked: tuple[set[int], bool], kind: str) -> Laid | None:
    """A mean, a sum or a maximum over dimensions, which stay with one index where that is asked.

    None where images are among them, or it is an image's own pool.
    """
    (name, layout), (dims, keeps) = value, asked
    dims, sums = {d % len(layout) for d in dims}, kind == "sum"
    axes = [axis for d in dims for axis in layout[d]]
    over, times = {axis.place for axis in axes}, prod(axis.size for axis in axes)
    plain = walk.is_usual(name, layout) and over == {ROWS, COLUMNS} and KINDS.get(call.target) == kind != "sum"
    if not dims or IMAGES in over or plain:
        return None
    if not _whole_positions(axes, walk.nodes[name].shape):  # a place of its own for what is put together
        places = [ROWS if k in dims else CHANNELS for k in range(len(layout))]
        name, layout = walk.copied(call, name, arranged(layout, places), whole=True)
        over = {ROWS}
    name, layout = _pooled(walk, call, (name, layout), over, kind) if axes else (name, layout)
    if sums:
        name, _ = walk.each(call, Line(times), (name, layout))
    return name, tuple(dim for k, dim in enumerate(layout) if keeps or k not in dims)


def _whole_positions(axes: Sequence[Axis], shape: Sequence[int]) -> bool:
    return all(axis.place != CHANNELS and layouts.is_whole(axis, shape) for axis in axes)


def _pooled(walk: Walk, call: fx.Node, value: Laid, over: set[int], kind: str) -> Laid:
    """A value of which rows, columns or both are put together."""
    name, layout = value
    pooling = nn.AdaptiveMaxPool2d if kind == "maximum" else nn.AdaptiveAvgPool2d
    pool = pooling((1 if ROWS in over else None, 1 if COLUMNS in over else None)).eval()
    made = tuple(1 if place in over else size for place, size in enumerate(walk.nodes[name].shape, 1))
    left = tuple(tuple(axis for axis in dim if axis.place not in over) for dim in layout)
    return walk.node(call, pool, [name], made, copy=True), left


def _asked(given: Sequence[Any], named: dict[str, Any]) -> tuple[set[int], bool]:
    """Over which dimensions, from the front on or from behind, and whether they stay with one index."""
    said = {**dict(zip(("dim", "keepdim"), given[1:], strict=False)), **named}
    dims = said.get("dim")
    dims = (dims,) if isinstance(dims, int) else dims
    return set(dims) if isinstance(dims, tuple | list) else set(), bool(said.get("keepdim"))
