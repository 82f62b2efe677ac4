"""Products of matrices between values, and attention, which is two of them around a softmax."""

from __future__ import annotations

import operator
from collections.abc import Mapping
from dataclasses import dataclass
from math import prod, sqrt
from typing import Any

import torch
from torch.nn import functional as F

from normlab.models.graph.layouts import CHANNELS, COLUMNS, IMAGES, ROWS, Axis, Dim, Layout, joined, sizes
from normlab.models.graph.legs import Leg, together

PRODUCTS = {torch.matmul, torch.bmm, operator.matmul, "matmul", "bmm"}
ATTENTION = F.scaled_dot_product_attention
NAMES = ("attn_mask", "dropout_p", "is_causal", "scale")
"""What attention is given behind queries, keys and values."""


@dataclass(frozen=True)
class Contraction:
    """A product of matrices: the legs of g, i, j and k (see `Contracted`), the plane that it makes, and how it lies."""

    walks: tuple[tuple[Leg, ...], ...]
    shape: tuple[int, int, int]
    layout: Layout


def multiplied(a: Layout, b: Layout) -> Contraction | None:
    """The product of the last two dimensions of values that lie so; None where their others do not go together.

    Each pair of matrices is a channel of what comes out, its rows and columns are those of the plane; where the columns
    were channels, as values of attention are, they become channels again, as the features of tokens.
    """
    *ahead, i, k = a
    *beside, along, j = b
    mixes = any(axis.place == IMAGES for dim in (i, j, k, along) for axis in dim)
    if mixes or sizes(ahead) != sizes(beside) or sizes([k]) != sizes([along]):
        return None
    wide = bool(j) and all(axis.place == CHANNELS for axis in j)
    reach = prod(sizes([j])) if wide else 1
    to_i, to_j = Axis(ROWS, prod(sizes([i]))), Axis(CHANNELS if wide else COLUMNS, prod(sizes([j])))
    walks, dims = [list[Leg]() for _ in range(4)], list[Dim]()
    for one, other in zip(reversed(ahead), reversed(beside), strict=True):
        images, mine, theirs = _images(one), _others(one), _others(other)
        size = prod(sizes([mine]))
        to = joined([Axis(CHANNELS, size, reach)])
        legs, reach = together(mine, theirs, to), reach * size
        if images != _images(other) or legs is None:
            return None
        walks[0], dims = legs + walks[0], [(*images, *to), *dims]
    for number, walk in enumerate(((i, None, joined([to_i])), (None, j, joined([to_j])), (k, along, None)), 1):
        if (legs := together(*walk)) is None:
            return None
        walks[number] = legs
    shape = (reach, to_i.size, 1 if wide else to_j.size)
    return Contraction(tuple(map(tuple, walks)), shape, (*dims, joined([to_i]), joined([to_j])))


def in_order(equation: str) -> tuple[list[int], list[int], list[int]] | None:
    """The order of a's and b's dimensions in which an Einstein sum is a product of matrices, and that of its result's.

    There is one where each has one letter of its own and they share one that is summed over.
    """
    left, _, result = equation.replace(" ", "").partition("->")
    a, _, b = left.partition(",")
    both = [letter for letter in result if letter in a and letter in b]
    own = [[letter for letter in one if letter in result and letter not in both] for one in (a, b)]
    summed = [letter for letter in a if letter in b and letter not in result]
    plain = all(letters.isalpha() and len(set(letters)) == len(letters) for letters in (a, b, result))
    if not plain or [len(each) for each in (*own, summed)] != [1, 1, 1] or {len(a), len(b)} != {len(both) + 2}:
        return None
    made = [*both, *own[0], *own[1]]
    ways = [a.index(x) for x in (*both, *own[0], *summed)], [b.index(x) for x in (*both, *summed, *own[1])]
    return *ways, [made.index(letter) for letter in result]


def _images(dim: Dim) -> Dim:
    return tuple(axis for axis in dim if axis.place == IMAGES)


def _others(dim: Dim) -> Dim:
    return tuple(axis for axis in dim if axis.place != IMAGES)


def factor(said: Mapping[str, Any], features: int) -> float | None:
    """What attention's scores are multiplied with; None where it does more than attend: looks back, shares keys."""
    scale = said.get("scale")
    if any(value not in (None, False, 0) for name, value in said.items() if name != "scale"):
        return None
    return 1 / sqrt(features) if scale is None else float(scale)
