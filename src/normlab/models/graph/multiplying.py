"""Products of matrices between the values of a network, and attention."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import torch
from torch import fx, nn

from normlab.models.graph import layouts
from normlab.models.graph.attention import ATTENTION, NAMES, PRODUCTS, factor, in_order, multiplied
from normlab.models.graph.legs import arranged
from normlab.models.graph.planes import Contracted
from normlab.models.graph.refusals import not_understood
from normlab.models.graph.walk import Laid, Walk

ADDED = "YZ"
"""Letters that nobody gives a dimension."""


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
    equation, a, b = _with_letters_of_their_own(str(call.args[0]), a, b)
    order = in_order(equation)
    if order is None:
        raise not_understood(call, "which is no product of matrices")
    one, other = (
        (name, tuple(lies[k] for k in places)) for (name, lies), places in zip((a, b), order[:2], strict=True)
    )
    name, layout = _multiplied(walk, call, one, other)
    result = zip(equation.partition("->")[2], order[2], strict=True)
    return name, tuple(layout[k] for letter, k in result if letter not in ADDED)


def _with_letters_of_their_own(equation: str, a: Laid, b: Laid) -> tuple[str, Laid, Laid]:
    """The sum in which each value has a letter of its own: one without gets a dimension of one index."""
    left, _, result = equation.replace(" ", "").partition("->")
    letters, values = left.split(","), [a, b]
    for k, new in enumerate(ADDED):
        if len(letters) == 2 and not set(letters[k]) - set(letters[1 - k]):
            letters[k], result = letters[k] + new, result + new
            values[k] = values[k][0], (*values[k][1], ())
    return f"{','.join(letters)}->{result}", values[0], values[1]


def _multiplied(walk: Walk, call: fx.Node, a: Laid, b: Laid, times: float = 1.0) -> Laid:
    """The product of the matrices that two values are made of."""
    found = multiplied(a[1], b[1])
    if found is None and all(map(_is_of_matrices, (a, b))):  # they may be of one kind, and lie in different ways
        a, b = (_laid_out(walk, call, each) for each in (a, b))
        found = multiplied(a[1], b[1])
    if found is None:
        raise not_understood(call, "which multiplies values that lie in different ways")
    names = [a[0], b[0]]
    module = Contracted(found.walks, [*(walk.nodes[name].shape for name in names), found.shape], times)
    walk.meaning.check(call, module)
    return walk.node(call, module, names, found.shape), found.layout


def _laid_out(walk: Walk, call: fx.Node, value: Laid) -> Laid:
    """A value copied so that its matrices are rows and columns of a plane."""
    name, layout = value
    places = (layouts.IMAGES, layouts.CHANNELS, layouts.ROWS, layouts.COLUMNS)
    return walk.copied(call, name, arranged(layout, (places[0], *places[1 - len(layout) :])), whole=True)


def _is_of_matrices(value: Laid) -> bool:
    """Whether a value has matrices for each image, alone or several beside each other."""
    layout = value[1]
    return len(layout) in (3, 4) and layouts.of_each_image(layout)


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
