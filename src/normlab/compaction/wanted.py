"""Which channels of each space are wanted: the output, and from there all that is read and is not constant.

A constant channel needs nobody who computes it: the reader's bias takes it. A group norm counts constant members
without computing them. What is wanted only grows, so going over the graph until nothing changes gives the smallest.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import nn

from normlab.compaction.constants import Constants, kernel
from normlab.compaction.padding import pads
from normlab.compaction.spaces import Spaces
from normlab.models.graph import Graph, Node
from normlab.models.parts import has_kernel
from normlab.norms.kinds import groups, is_norm
from normlab.norms.rms import RMSNormImage


@dataclass(frozen=True)
class Want:
    """A node wants channels of a value: a bool for each; `why` is for people, of channels that are constant."""

    name: str
    mask: torch.Tensor
    why: str


def wanted(graph: Graph, known: Constants) -> tuple[Spaces, list[Want]]:
    """The channels of every space that are kept, and who wants them. Input and output keep all."""
    spaces = Spaces(graph)
    ends = [graph.output, *(node.name for node in graph if not node.inputs)]
    for name in ends:
        spaces.keep(name, torch.ones(graph[name].shape[0], dtype=torch.bool))
    changes = True
    while changes:
        wants = [want for node in reversed(graph.nodes) for want in _wants(graph, node, spaces, known)]
        changes = any(spaces.keep(want.name, want.mask) for want in wants) or spaces.fill()
    return spaces, wants


def countable(graph: Graph, node: Node) -> bool:
    """Whether a norm's statistics can count channels that are not there."""
    return isinstance(node.module, nn.GroupNorm | RMSNormImage) and len(graph[node.inputs[0]].shape) == 3


def kept_for(graph: Graph, spaces: Spaces, wants: list[Want], known: Constants) -> list[str]:
    """A line for the constant channels of each layer that stay nevertheless, and why."""
    lines = []
    for node in graph:
        dead = spaces.mask(node.name) & ~known[node.name].isnan()
        if not has_kernel(node.module) or node.name == graph.output or not dead.any():
            continue
        reasons = [w.why for w in wants if spaces.same(w.name, node.name) and spaces.overlap(w.name, w.mask, dead)]
        why = "; ".join(dict.fromkeys(reasons)) or "they are in a sum with others, or the output"
        lines.append(f"{node.name} keeps constant channels ({int(dead.sum())}): {why}")
    return lines


def _wants(graph: Graph, node: Node, spaces: Spaces, known: Constants) -> Iterator[Want]:
    mask = spaces.mask(node.name)
    if has_kernel(node.module):
        yield _weighted(node, mask, known[node.inputs[0]])
    elif isinstance(node.module, (nn.Softmax, nn.LogSoftmax)) or (
        is_norm(node.module) and not isinstance(node.module, nn.BatchNorm2d)
    ):
        yield _mixed(graph, node, mask, known[node.inputs[0]])


def _weighted(node: Node, mask: torch.Tensor, given: torch.Tensor) -> Want:
    read = (kernel(node.module)[mask] != 0).any(2).any(0)
    if pads(node.module):
        return Want(node.inputs[0], read & (given != 0), f"{node.name} reads them beside its zero padding")
    return Want(node.inputs[0], read & given.isnan(), f"{node.name} reads them, and a norm made them vary by image")


def _mixed(graph: Graph, node: Node, mask: torch.Tensor, given: torch.Tensor) -> Want:
    """What a norm over channels needs for its statistics: of each group that is wanted, all that is not constant."""
    why = f"{node.name} ({type(node.module).__name__}) counts them in its statistics"
    if not countable(graph, node):
        return Want(node.inputs[0], mask.any().expand_as(mask), why)
    split = groups(node.module)
    asked = mask.view(split, -1).any(1).repeat_interleave(len(mask) // split)
    return Want(node.inputs[0], asked & given.isnan(), why)
