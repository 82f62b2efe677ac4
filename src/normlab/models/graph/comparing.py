"""The larger or the smaller of two, number by number."""

from __future__ import annotations

from math import prod
from typing import Any

import torch
from torch import fx, nn

from normlab.models.graph.operations import Line
from normlab.models.graph.walk import Laid, Walk

LARGER, SMALLER = {torch.maximum, "maximum", torch.max, "max"}, {torch.minimum, "minimum", torch.min, "min"}


def compared(walk: Walk, call: fx.Node, given: list[Laid]) -> Laid | None:
    """The sum b + relu(a − b), or −(−b + relu(b − a)), of two values or a value and a parameter; None for other calls.

    Where both are alike their slope goes to b alone, and PyTorch's to both by half.
    """
    both: Any = call.args
    if call.target not in LARGER | SMALLER or len(both) != 2 or not all(isinstance(each, fx.Node) for each in both):
        return None
    sign = 1 if call.target in LARGER else -1
    if len(given) == 2:  # the larger one first: the other may be spread
        return _of_values(walk, call, sorted(given, key=lambda each: -prod(walk.nodes[each[0]].shape)), sign)
    (own,) = [each.name for each in both if each.name not in walk.made]
    return _beside_parameter(walk, call, given[0], own, sign)


def _of_values(walk: Walk, call: fx.Node, given: list[Laid], sign: int) -> Laid:
    a, (b, layout) = (_turned(walk, call, each, sign) for each in given)
    shape = walk.nodes[a[0]].shape
    minus, _ = walk.alike(call, a, walk.each(call, Line(-1), (b, layout)), thin=False)
    apart = walk.node(call, None, [a[0], minus], shape, copy=True)
    above, _ = walk.each(call, nn.ReLU(), (apart, a[1]))
    other, _ = walk.alike(call, a, (b, layout), thin=False)
    return _turned(walk, call, (walk.node(call, None, [other, above], shape, copy=True), a[1]), sign)


def _beside_parameter(walk: Walk, call: fx.Node, value: Laid, own: str, sign: int) -> Laid:
    """The sum p + relu(x − p), or the same of −p and −x, turned again."""
    x, shape = _turned(walk, call, value, sign), walk.nodes[value[0]].shape
    minus, plus = (
        walk.meaning.beside(call, own, x[1], shape, how=how)
        for how in (("negative", "") if sign == 1 else ("", "negative"))
    )
    for module in (minus, nn.ReLU(), plus):
        x = walk.each(call, module, x)
    return _turned(walk, call, x, sign)


def _turned(walk: Walk, call: fx.Node, value: Laid, sign: int) -> Laid:
    return value if sign == 1 else walk.each(call, Line(-1), value)
