"""Products of matrices between the values of a network, and attention."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import torch
from torch import fx, nn

from normlab.models.graph import layouts
from normlab.models.graph.attention import ATTENTION, NAMES, PRODUCTS, factor, in_order, multiplied
from normlab.models.graph.planes import Contracted
from normlab.models.graph.refusals import not_understood
from normlab.models.graph.walk import Laid, Walk


def product(walk: Walk, call: fx.Node, given: list[Laid]) -> Laid | None:
    """What a call multiplies; None for other calls."""
    if call.target is ATTENTION:
        return _attended(walk, call, given)
    if call.target in PRODUCTS and len(given) == 2:
        return _multiplied(walk, call, given[0], given[1])
    if call.target is torch.einsum and len(given) == 2:
        return _summed(walk, call, given[0], given[1])
    return None


def _summed(walk: Walk, call: fx.Node, a: Laid, b: Laid) -> Laid:
    """Einstein's sum of two values: with their letters in another order, a product of matrices."""
    order = in_order(str(call.args[0]))
    if order is None:
        raise not_understood(call, "which is no product of matrices")
    one, other = (
        (name, tuple(lies[k] for k in places)) for (name, lies), places in zip((a, b), order[:2], strict=True)
    )
    name, layout = _multiplied(walk, call, one, other)
    return name, tuple(layout[k] for k in order[2])


def _multiplied(walk: Walk, call: fx.Node, a: Laid, b: Laid, times: float = 1.0) -> Laid:
    """The product of the matrices that two values are made of."""
    found = multiplied(a[1], b[1])
    if found is None:
        raise not_understood(call, "which multiplies values that lie in different ways")
    names = [a[0], b[0]]
    module = Contracted(found.walks, [*(walk.nodes[name].shape for name in names), found.shape], times)
    walk.meaning.check(call, module)
    return walk.node(call, module, names, found.shape), found.layout


def _attended(walk: Walk, call: fx.Node, given: list[Laid]) -> Laid:
    """The product softmax(q · kᵀ · factor + bias) · v, the bias computed of parameters, some of the shares dropped."""
    said: dict[str, Any] = {**dict(zip(NAMES, call.args[3:], strict=False)), **call.kwargs}
    bias: Any = said.pop("attn_mask", None)
    dropped = float(said.pop("dropout_p", 0.0))
    times = factor(said, layouts.sizes(given[0][1])[-1]) if len(given) == 3 else None
    if times is None:
        raise not_understood(call)
    query, (key, lies), value = given
    scores, layout = _multiplied(walk, call, query, (key, (*lies[:-2], lies[-1], lies[-2])), times)
    if bias is not None:
        moved = walk.meaning.beside(call, bias.name, layout, walk.nodes[scores].shape)
        scores = walk.node(call, moved, [scores], walk.nodes[scores].shape)
    walk.meaning.check(call, softmax := nn.Softmax(layouts.COLUMNS))
    shares = walk.node(call, softmax, [scores], walk.nodes[scores].shape)
    if dropped:
        shares = _dropped(walk, call, (shares, layout), dropped)
    return _multiplied(walk, call, (shares, layout), value)


def _dropped(walk: Walk, call: fx.Node, shares: Laid, p: float) -> str:
    """The node that drops some of attention's shares, which are numbered as PyTorch lays them."""
    name, layout = shares
    shape, order = walk.nodes[name].shape, layouts.numbered(layout, walk.nodes[name].shape)
    if order is None:
        raise not_understood(call, "which drops shares of windows")
    walk.meaning.check(call, drop := nn.Dropout(p).train(walk.model.training))
    made = walk.node(call, drop, [name], shape)
    walk.nodes[made] = replace(walk.nodes[made], order=order)
    return made
