"""Values and parameters that a network puts one behind the other, by channels or positions."""

from __future__ import annotations

from typing import Any

import torch
from torch import fx

from normlab.models.graph import layouts
from normlab.models.graph.functions import JOINING
from normlab.models.graph.layouts import regrouped, usual
from normlab.models.graph.legs import arranged, places_of
from normlab.models.graph.operations import Joined, Learned
from normlab.models.graph.refusals import not_understood
from normlab.models.graph.seen import IMAGES
from normlab.models.graph.walk import Laid, Walk


def joined(walk: Walk, call: fx.Node, given: list[Laid]) -> Laid | None:
    """What a call joins that is more than images by channels; None for other calls."""
    if call.target is torch.stack:
        return _stacked(walk, call, given)
    tensors, dim = _of(call) if call.target in JOINING else ([], 0)
    if not any(each.name in walk.made for each in tensors):
        return None
    if len(given) == len(tensors) and all(walk.is_usual(*each) for each in given) and dim % len(given[0][1]) == 1:
        return None
    name, layout = next(walk.made[each.name] for each in tensors if each.name in walk.made)
    places = places_of(layout, walk.nodes[name].shape)
    if places is None or not dim % len(layout) or not layouts.of_each_image(layout):
        raise not_understood(call, "which joins something else than channels or positions of images")
    parts, place = [_part(walk, call, each, places) for each in tensors], places[dim]
    walk.meaning.check(call, module := Joined(place))
    shape = [*walk.nodes[parts[0]].shape]
    shape[place - 1] = sum(walk.nodes[part].shape[place - 1] for part in parts)
    whole = usual(shape, IMAGES)
    return walk.node(call, module, parts, tuple(shape)), tuple(whole[each] for each in places)


def _stacked(walk: Walk, call: fx.Node, given: list[Laid]) -> Laid:
    """Images one behind the other by channels, which are two dimensions then."""
    tensors, dim = _of(call)
    shapes = {walk.nodes[name].shape for name, _ in given}
    plain = len(given) == len(tensors) and len(shapes) == 1 and all(walk.is_usual(*each) for each in given)
    if not plain or dim != 1:
        raise not_understood(call, "which stacks something else than images before their channels")
    channels, *positions = shapes.pop()
    walk.meaning.check(call, module := Joined())
    whole = (len(given) * channels, *positions)
    layout = regrouped(usual(whole, IMAGES), (IMAGES, len(given), channels, *positions))
    return walk.node(call, module, [name for name, _ in given], whole), layout or ()


def _of(call: fx.Node) -> tuple[list[fx.Node], int]:
    """What is put one behind the other, and by which dimension."""
    tensors: Any = call.kwargs.get("tensors", call.args[0] if call.args else ())
    dim: Any = call.kwargs.get("dim", call.kwargs.get("axis", call.args[1] if len(call.args) > 1 else 0))
    return list(tensors), dim


def _part(walk: Walk, call: fx.Node, tensor: fx.Node, places: list[int]) -> str:
    """The node of a value, copied where its dimensions do not lie along the places, or of a parameter."""
    if tensor.name not in walk.made:
        return _learned(walk, call, tensor, places)
    name, layout = walk.made[tensor.name]
    if len(layout) != len(places):
        raise not_understood(call, "which joins values of different dimensions")
    how = arranged(layout, places)
    as_it_is = how.layout == layout and how.shape == walk.nodes[name].shape
    return name if as_it_is else walk.copied(tensor, name, how, whole=True)[0]


def _learned(walk: Walk, call: fx.Node, tensor: fx.Node, places: list[int]) -> str:
    """A parameter that is spread over the images, a class token say, as a value."""
    parameter, shape, sizes = walk.meaning.spread(call, tensor)
    how = arranged(((), *(layouts.along(size) for size in sizes[1:])), places)
    apart = layouts.strides(shape, how.layout, how.shape)
    if apart is None:
        raise not_understood(call, "its use of a parameter outside the module that it belongs to")
    walk.meaning.check(call, module := Learned(parameter, apart, how.shape))
    return walk.node(tensor, module, [next(iter(walk.nodes))], how.shape, copy=True)
