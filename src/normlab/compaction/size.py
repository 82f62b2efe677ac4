"""How large a network is: channels, parameters, multiply-adds."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod

from normlab.models.graph import Graph
from normlab.models.parts import has_kernel


@dataclass(frozen=True)
class Size:
    """Trainable numbers, multiply-adds of kernels for one image, and bytes of the safetensors file."""

    parameters: int
    multiply_adds: int
    file_bytes: int


@dataclass(frozen=True)
class Layer:
    """Output channels (or features) of one layer with a kernel, before and after."""

    name: str
    before: int
    after: int


def multiply_adds(graph: Graph) -> int:
    """Products of kernels with their inputs, for one image; norms, pools and sums are not counted."""
    kernels = (node for node in graph if has_kernel(node.module))
    return sum(node.module.weight.numel() * prod(node.shape[1:]) for node in kernels)  # type: ignore[union-attr,operator,misc]


def layers(before: Graph, after: Graph) -> tuple[Layer, ...]:
    """Every layer with a kernel of `before`; none is left of one that is not in `after`."""
    left = {node.name: node.shape[0] for node in after}
    kernels = (node for node in before if has_kernel(node.module))
    return tuple(Layer(node.name, node.shape[0], left.get(node.name, 0)) for node in kernels)
