"""Layers of one dimension as those of planes that have a single row."""

from __future__ import annotations

from torch import fx, nn

from normlab.models.graph import layouts
from normlab.models.graph.layouts import CHANNELS, COLUMNS, usual
from normlab.models.graph.legs import arranged
from normlab.models.graph.refusals import not_understood
from normlab.models.graph.seen import IMAGES
from normlab.models.graph.walk import Laid, Walk


def in_a_row(walk: Walk, call: fx.Node, given: list[Laid]) -> Laid | None:
    """A convolution of (N, C, L), whose last dimension is laid along columns; None for other calls."""
    layer = walk.layer(call)
    if not isinstance(layer, nn.Conv1d) or type(layer) is not nn.Conv1d or len(given) != 1:
        return None
    name, layout = given[0]
    if len(layout) != 3 or not layouts.of_each_image(layout) or isinstance(layer.padding, str):
        raise not_understood(call)
    walk.meaning.check(call, plane := _of_a_plane(layer))
    row, _ = walk.copied(call, name, arranged(layout, (layouts.IMAGES, CHANNELS, COLUMNS)), whole=True)
    _, channels, length = walk.passed.sizes[call.name]
    made = walk.node(call, plane, [row], (channels, 1, length))
    images, deep, _, along = usual((channels, 1, length), IMAGES)
    return made, (images, deep, along)


def _of_a_plane(layer: nn.Conv1d) -> nn.Conv2d:
    """A convolution with the same parameters, whose numbers are in the same order: its kernel has one row."""
    taps, stride, padding, dilation = (
        int(each[0]) for each in (layer.kernel_size, layer.stride, layer.padding, layer.dilation)
    )
    made = nn.Conv2d(1, 1, (1, taps), stride, (0, padding), (1, dilation), padding_mode=layer.padding_mode)
    made.in_channels, made.out_channels, made.groups = layer.in_channels, layer.out_channels, layer.groups
    made.weight, made.bias = layer.weight, layer.bias
    return made
