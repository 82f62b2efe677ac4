"""The operations of a network in order, with what each reads and the shapes that pass."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from torch import nn

from normlab.models.graph.computed import Computed


@dataclass(frozen=True)
class Node:
    """One operation.

    Args:
        name: the module's dotted name in the model; a name of its own for a function.
        module: None for the network's input (which reads nothing) and for a sum (which reads two values).
        inputs: the names of the nodes that it reads.
        shape: of its result for one image, (C, H, W) or (features,).
        overwrites: whether its result takes the place of what it reads first.
        order: how far apart, as PyTorch numbers an image's values, they are from one channel, row and column to the
            next, for an operation that depends on it; None where they are numbered as a plane's are.
    """

    name: str
    module: nn.Module | None
    inputs: tuple[str, ...]
    shape: tuple[int, ...]
    overwrites: bool = False
    order: tuple[int, int, int] | None = None

    @property
    def is_sum(self) -> bool:
        """Whether it adds its two inputs."""
        return self.module is None and len(self.inputs) == 2


@dataclass(frozen=True)
class Graph:
    """The nodes, each behind those that it reads, and the name of the one that is the network's output.

    `computed` are weights in modules of its nodes that are no parameters of the network's, None where there are none.
    """

    nodes: tuple[Node, ...]
    output: str
    computed: Computed | None = None

    def __iter__(self) -> Iterator[Node]:
        return iter(self.nodes)

    def __getitem__(self, name: str) -> Node:
        return next(node for node in self.nodes if node.name == name)

    def readers(self, name: str) -> list[Node]:
        """The nodes that read a node's result."""
        return [node for node in self.nodes if name in node.inputs]


def settled(graph: Graph) -> Graph:
    """The graph in which nothing is overwritten: who reads an overwritten value reads what took its place."""
    now: dict[str, str] = {}
    nodes = []
    for node in graph:
        inputs = tuple(now[name] for name in node.inputs)
        nodes.append(replace(node, inputs=inputs, overwrites=False))
        if node.overwrites:
            now.update({name: node.name for name, held in now.items() if held == inputs[0]})
        now[node.name] = node.name
    return Graph(tuple(nodes), now[graph.output])


def reaching(graph: Graph) -> Graph:
    """The graph without the nodes that cannot reach its output; the network's input stays."""
    wanted = {graph.output}
    for node in reversed(graph.nodes):
        if node.name in wanted:
            wanted.update(node.inputs)
    return Graph(tuple(node for node in graph if node.name in wanted or not (node.module or node.inputs)), graph.output)


def renamed(graph: Graph, names: dict[str, str]) -> Graph:
    """The graph with each read of a key of `names` replaced by one of its value; nodes that are keys are left out."""

    def last(name: str) -> str:
        return last(names[name]) if name in names else name

    kept = (node for node in graph if node.name not in names)
    nodes = tuple(replace(node, inputs=tuple(map(last, node.inputs))) for node in kept)
    return Graph(nodes, last(graph.output))
