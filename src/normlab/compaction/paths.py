"""Where a value of each channel arrives: the layers with kernels that read it, directly or through pools."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from math import prod

from torch import nn

from normlab.compaction.padding import even
from normlab.models.graph import Graph, Node
from normlab.models.parts import has_kernel

Refuses = Callable[[Node], str | None]
"""Why something cannot pass a node; None where it can."""


class Stays(Exception):
    """Why something cannot be moved into the layers behind it."""


def layers_behind(graph: Graph, name: str, refuses: Refuses, repeat: int = 1) -> Iterator[tuple[Node, int]]:
    """Every convolution or linear layer that a node's channels reach through averages, maxima and flattening.

    Each comes with how many of its inputs in a row belong to one channel. Raises `Stays` at anything else, at the
    network's output, and where `refuses` gives a reason.
    """
    if name == graph.output:
        raise Stays("it gives the network's output")
    for reader in graph.readers(name):
        if reason := refuses(reader):
            raise Stays(reason)
        if has_kernel(reader.module):
            yield reader, repeat
        elif isinstance(reader.module, nn.Flatten):
            yield from layers_behind(graph, reader.name, refuses, repeat * prod(graph[name].shape[1:]))
        elif isinstance(reader.module, nn.MaxPool2d) or even(reader.module):
            yield from layers_behind(graph, reader.name, refuses, repeat)
        else:
            raise Stays(f"{reader.name} behind it is neither a convolution nor a linear layer")
