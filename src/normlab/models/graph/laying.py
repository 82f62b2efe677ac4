"""Calls that only lay a value otherwise, and those that pick some of it."""

from __future__ import annotations

import operator
from typing import Any

import torch
from torch import fx, nn
from torch.nn import functional as F

from normlab.models.graph import layouts
from normlab.models.graph.choices import chosen, index_of, is_part
from normlab.models.graph.layouts import LIKE, MOVING, laid, regrouped, sizes, usual
from normlab.models.graph.legs import compact
from normlab.models.graph.meaning import PLANE
from normlab.models.graph.passed import picks_largest
from normlab.models.graph.refusals import NotUnderstood, not_understood
from normlab.models.graph.seen import IMAGES
from normlab.models.graph.walk import Laid, Walk

SHUFFLES: dict[Any, bool] = {
    **dict.fromkeys((nn.PixelShuffle, F.pixel_shuffle, torch.pixel_shuffle), True),
    **dict.fromkeys((nn.PixelUnshuffle, F.pixel_unshuffle, torch.pixel_unshuffle), False),
}
"""Layers and functions, and whether channels become positions."""


def lain(walk: Walk, call: fx.Node, given: list[Laid]) -> Laid | None:
    """The same node, or one that shuffles it, where a call only lays its value otherwise; None where it does more."""
    given = given[:1] if call.target in LIKE else given
    if call.target is getattr and call.args[1] == "mT":
        (name, layout), *_ = given
        return name, (*layout[:-2], layout[-1], layout[-2])
    if len(given) != 1 or not (call.target in MOVING or walk.flattens(call)):
        return None
    name, layout = given[0]
    shape, plain = walk.nodes[name].shape, walk.is_usual(name, layout)
    target = "flatten" if call.op == "call_module" else call.target
    found = laid(target, walk.meaning.arguments(call)[0][1:], layout, walk.passed.sizes[call.name])
    features = len(shape) != PLANE and len(found or ()) > 1 and sizes(found or ())[1] == shape[0]
    layer = call.op == "call_module" and not walk.meaning.computes  # whose readers know it by its settings
    if found is None or (plain and (features or layer or len(found) == 2 or found == layout)):
        return None
    if groups := layouts.shuffled(found, shape, IMAGES):
        walk.meaning.check(call, shuffle := nn.ChannelShuffle(groups))
        return walk.node(call, shuffle, [name], shape), usual(shape, IMAGES)
    return name, found


def shuffled(walk: Walk, call: fx.Node, given: list[Laid]) -> Laid | None:
    """Channels that become positions, or positions that become channels (Shi et al. 2016); None for other calls."""
    layer = walk.layer(call)
    target = type(layer) if layer is not None else call.target
    if target not in SHUFFLES or len(given) != 1:
        return None
    name, layout = given[0]
    (images, few, high, wide), after = sizes(layout), walk.passed.sizes[call.name]
    _, channels, rows, columns = after
    if SHUFFLES[target]:
        split, order = (images, channels, rows // high, columns // wide, high, wide), (0, 1, 4, 2, 5, 3)
    else:
        split, order = (images, few, rows, high // rows, columns, wide // columns), (0, 1, 3, 5, 2, 4)
    parts = regrouped(layout, split)
    found = regrouped(tuple(parts[k] for k in order), after) if parts else None
    if found is None:
        raise not_understood(call)
    return name, found


def picked(walk: Walk, call: fx.Node, given: list[Laid]) -> Laid | None:
    """A piece of an image where it is one; else some of a value, copied. None for other calls."""
    if len(given) != 1 or not (is_part(call) or call.target is operator.getitem) or picks_largest(call):
        return None
    name, layout = given[0]
    if walk.is_usual(name, layout):
        try:
            return walk.of_images(call, [name])
        except NotUnderstood:
            if len(walk.nodes[name].shape) != PLANE:
                raise
    index = index_of(call, walk.passed)
    if (found := chosen(layout, index)) is None:
        name, layout = walk.apart(call, given[0])
        found = chosen(layout, index)
    if found is None:
        raise not_understood(call, "which picks some of the images, or unevenly")
    return walk.copied(call, name, compact(*found))
