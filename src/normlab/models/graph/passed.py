"""What was seen of a network's calls while images passed, and what can be told of a call by itself."""

from __future__ import annotations

import operator
from dataclasses import dataclass, field

import torch
from torch import fx

CHANGING = {operator.iadd, operator.imul, operator.isub, operator.itruediv}
"""Operators that put their result in the place of what they read."""
DIVISIONS = {torch.chunk, torch.split, torch.unbind, "chunk", "split", "unbind"}
"""Functions and methods that cut a tensor into several, of which a network picks each by its number."""
MAXIMA = {torch.max, "max"}
"""What gives the largest along a dimension, and where they are."""
SPREADING = {"expand", "expand_as", "repeat"}
"""What makes a parameter as large as there are images."""


@dataclass
class Passed:
    """What was seen, by the name of the call that gave it.

    Attributes:
        shapes: of every tensor, without its first dimension, that of images in most.
        sizes: of all its dimensions.
        divided: the sizes of each part that a tensor was cut into.
        held: the name of a parameter that the network itself uses, and the shape that it is used in.
        computed: the shapes of constants, and of what is computed of them and of such parameters; none of what is no
            tensor.
        spread: which of these are as large as two images, and the same for both.
        constants: tensors that the network has and does not learn, by the name that they have in the graph.
    """

    shapes: dict[str, tuple[int, ...]] = field(default_factory=dict)
    sizes: dict[str, tuple[int, ...]] = field(default_factory=dict)
    divided: dict[str, list[tuple[int, ...]]] = field(default_factory=dict)
    held: dict[str, tuple[str, tuple[int, ...]]] = field(default_factory=dict)
    computed: dict[str, tuple[int, ...]] = field(default_factory=dict)
    spread: set[str] = field(default_factory=set)
    constants: dict[str, torch.Tensor] = field(default_factory=dict)

    def of_parameters(self, name: str) -> bool:
        """Whether a value does not depend on the images."""
        return name in self.held or name in self.computed


def is_function(call: fx.Node) -> bool:
    """Whether a function or a method is called, and not a layer, which may have the name of one."""
    return call.op in ("call_function", "call_method")


def picks_largest(call: fx.Node) -> bool:
    """Whether a call picks the largest of what gives these and where they are."""
    return (
        call.target is operator.getitem and getattr(call.args[0], "target", None) in MAXIMA and bool(call.args[1] == 0)
    )


def overwrites(call: fx.Node) -> bool:
    """Whether a call, by its name, puts its result in the place of what it reads first."""
    return (call.op == "call_method" and str(call.target).endswith("_")) or call.target in CHANGING
