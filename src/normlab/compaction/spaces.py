"""Channel spaces: the values that have their channels in common, and so keep or lose them together.

A convolution or linear layer opens a space; norms, ReLU, pools and flattening stay in it; a sum joins the two that it
adds. Flattened, a channel is as many features in a row as it had positions.
"""

from __future__ import annotations

from math import prod

import torch

from normlab.models.graph import Graph, Node
from normlab.models.parts import has_kernel


class Spaces:
    """The space of every node of a graph, and which channels of each space are kept; none at first."""

    def __init__(self, graph: Graph) -> None:
        self._parent: dict[str, str] = {}
        self._repeat: dict[str, int] = {}
        self._whole: list[str] = []  # what loses no channel
        for node in graph:
            self._place(graph, node)
        self.kept = {
            self._root(node.name): torch.zeros(node.shape[0] // self._repeat[node.name], dtype=torch.bool)
            for node in graph
        }
        for name in self._whole:
            self.keep(name, torch.ones(graph[name].shape[0], dtype=torch.bool))

    def mask(self, name: str) -> torch.Tensor:
        """The channels (features) of a node's result that are kept, a bool for each."""
        return self.kept[self._root(name)].repeat_interleave(self._repeat[name])

    def keep(self, name: str, mask: torch.Tensor) -> bool:
        """Keep more channels (features) of a node's result; whether that changes anything."""
        root = self._root(name)
        before = self.kept[root]
        self.kept[root] = before | mask.view(-1, self._repeat[name]).any(1)
        return not torch.equal(before, self.kept[root])

    def fill(self) -> bool:
        """Keep one channel of every space that has none, since a layer needs some; whether that changes anything."""
        empty = [mask for mask in self.kept.values() if not mask.any()]
        for mask in empty:
            mask[0] = True
        return bool(empty)

    def same(self, one: str, other: str) -> bool:
        """Whether two nodes' results have their channels in common."""
        return self._root(one) == self._root(other)

    def overlap(self, name: str, mask: torch.Tensor, channels: torch.Tensor) -> bool:
        """Whether `mask` over a node's result touches any of its space's `channels`."""
        return bool((mask.view(-1, self._repeat[name]).any(1) & channels).any())

    def _place(self, graph: Graph, node: Node) -> None:
        opens = not node.inputs or has_kernel(node.module)
        self._parent[node.name] = node.name if opens else self._root(node.inputs[0])
        before = 1 if opens else self._repeat[node.inputs[0]]
        flattens = not opens and len(node.shape) == 1
        self._repeat[node.name] = before * (prod(graph[node.inputs[0]].shape[1:]) if flattens else 1)
        if node.is_sum and len({self._repeat[name] for name in node.inputs}) == 1:
            self._parent[self._root(node.inputs[1])] = self._root(node.inputs[0])
        elif node.is_sum:  # of features that belong to channels in different ways
            self._whole += node.inputs

    def _root(self, name: str) -> str:
        parent = self._parent[name]
        return name if parent == name else self._root(parent)
