"""Walks that several planes take together, step by step: what copies, choices and products of matrices are made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import prod

import torch

from normlab.models.graph.layouts import CHANNELS, COLUMNS, IMAGES, ROWS, Axis, Dim, Layout, is_channels, joined

Step = tuple[int, int]
"""Along which place of a plane, and over how many of its channels, rows or columns; (0, 0) where it stays."""
NOWHERE: Step = (0, 0)


@dataclass(frozen=True)
class Leg:
    """So many steps, `by` one of each plane."""

    size: int
    by: tuple[Step, ...]


def together(*walks: Sequence[Axis] | None) -> list[Leg] | None:
    """The legs of walks of one length, each along a plane of its own, or along none; None where they do not fit."""
    left = [None if walk is None else list(walk) for walk in walks]
    found = list[Leg]()
    while any(left):
        if any(walk == [] for walk in left):
            return None
        size = min(walk[0].size for walk in left if walk)
        if any(walk[0].size % size for walk in left if walk):
            return None
        found.append(Leg(size, tuple(_step(walk, size) for walk in left)))
    return found


def _step(walk: list[Axis] | None, size: int) -> Step:
    """Take so many steps off a walk's beginning."""
    if walk is None:
        return NOWHERE
    axis, rest = walk.pop(0).cut(size)
    if rest.size > 1:
        walk.insert(0, rest)
    return axis.place, axis.stride


@dataclass(frozen=True)
class Arrangement:
    """What a value becomes when it is copied to a plane of (C, H, W) of its own, and how it lies there.

    The legs are by a step of the old plane and of the new one; the old one is walked from `start` on.
    """

    legs: tuple[Leg, ...]
    start: tuple[int, int, int]
    shape: tuple[int, int, int]
    layout: Layout


def arranged(layout: Layout, places: Sequence[int], start: Sequence[int] = (0, 0, 0)) -> Arrangement:
    """Each dimension along a place of the new plane; several that share one are one behind the other there."""
    legs, dims, reach = list[Leg](), list[Dim](), [1, 1, 1, 1]
    for dim, place in zip(reversed(layout), reversed(places), strict=True):
        new = list[Axis]()
        for axis in reversed(dim):
            if axis.place == IMAGES:
                new.insert(0, axis)
                continue
            legs.insert(0, Leg(axis.size, ((axis.place, axis.stride), (place, reach[place]))))
            new.insert(0, Axis(place, axis.size, reach[place]))
            reach[place] *= axis.size
        dims.insert(0, joined(new))
    return Arrangement(tuple(legs), (start[0], start[1], start[2]), (reach[1], reach[2], reach[3]), tuple(dims))


def places_of(layout: Layout, shape: Sequence[int]) -> list[int] | None:
    """Where each dimension of images' values goes in a plane: what walks along channels to these; None for too many."""
    if not 1 < len(layout) < 5:
        return None
    ahead = [k for k, dim in enumerate(layout) if k and is_channels(dim, shape)] or [len(layout) - 1]
    others = iter((ROWS, COLUMNS))
    return [IMAGES, *(CHANNELS if k == ahead[0] else next(others) for k in range(1, len(layout)))]


def compact(layout: Layout, start: Sequence[int]) -> Arrangement:
    """A part of a plane as a plane: every axis stays along its place."""
    axes = sorted({axis for dim in layout for axis in dim if axis.place}, key=lambda axis: -axis.stride)
    legs, reach, new = list[Leg](), [1, 1, 1, 1], dict[Axis, Axis]()
    for axis in reversed(axes):
        new[axis] = replace(axis, stride=reach[axis.place])
        legs.insert(0, Leg(axis.size, ((axis.place, axis.stride), (axis.place, reach[axis.place]))))
        reach[axis.place] *= axis.size
    dims = tuple(joined([new.get(axis, axis) for axis in dim]) for dim in layout)
    legs.sort(key=lambda leg: leg.by[0][0] or CHANNELS)
    return Arrangement(tuple(legs), (start[0], start[1], start[2]), (reach[1], reach[2], reach[3]), dims)


def beside(shape: Sequence[int], layout: Layout) -> list[Leg] | None:
    """The legs of a plane and of a tensor's numbers, one behind the other, that is spread over it as PyTorch does it.

    None where the tensor has other numbers for other images, or sizes that are not the value's.
    """
    found, step = list[Leg](), 1
    for size, dim in zip((*[1] * (len(layout) - len(shape)), *shape)[::-1], layout[::-1], strict=True):
        if size > 1 and (size != prod(axis.size for axis in dim) or any(axis.place == IMAGES for axis in dim)):
            return None
        for axis in reversed([axis for axis in dim if axis.place != IMAGES]):
            own = (CHANNELS, step) if size > 1 else NOWHERE
            found.insert(0, Leg(axis.size, ((axis.place, axis.stride), own)))
            step *= axis.size if size > 1 else 1
    return found


def index(legs: Sequence[Leg], which: int, shape: Sequence[int], start: Sequence[int] = (0, 0, 0)) -> torch.Tensor:
    """Where a plane is walked: the numbers of its values, one behind the other, in the shape that the legs have."""
    apart = [0, *(prod(shape[place:]) for place in range(1, len(shape) + 1))]
    found = torch.tensor(sum(s * a for s, a in zip(start, apart[1:], strict=False)))
    for leg in legs:
        place, stride = leg.by[which]
        found = found[..., None] + torch.arange(leg.size) * (stride * apart[place])
    return found
