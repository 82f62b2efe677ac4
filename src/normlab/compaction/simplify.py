"""A graph in the few forms that compaction works on: float64, no dropouts, one kind of norm for each formula."""

from __future__ import annotations

from dataclasses import replace

import torch
from torch import nn

from normlab.compaction.constants import Constants
from normlab.errors import NetworkError
from normlab.models.graph import IDENTITIES, Graph, Node, reaching, renamed


def simplified(graph: Graph) -> Graph:
    """The graph without what does nothing in eval mode, its modules in float64 and in the forms of `_plain`.

    Raises `NetworkError` where a layer's padding or place is not understood.
    """
    idle = {node.name: node.inputs[0] for node in graph if isinstance(node.module, IDENTITIES)}
    nodes = tuple(replace(node, module=_plain(graph, node)) for node in graph if node.name not in idle)
    return renamed(Graph(nodes, graph.output), idle)


def without_idle_sums(graph: Graph, constants: Constants) -> Graph:
    """The graph without sums of which one side is zero throughout, and without the branches that this leaves idle."""
    idle = {}
    for node in graph:
        if node.is_sum:
            zero = [bool((constants[name] == 0).all()) for name in node.inputs]
            if any(zero):
                idle[node.name] = node.inputs[zero.index(True) - 1]
    return reaching(renamed(graph, idle))


def _plain(graph: Graph, node: Node) -> nn.Module | None:
    module = node.module.double() if node.module is not None else None
    for value in module.parameters() if module is not None else ():
        value.data = value.data.contiguous()  # channels_last kernels have no view by positions
    if isinstance(module, nn.Conv2d) and isinstance(module.padding, str):
        module.padding = _in_numbers(node.name, module)
    if isinstance(module, nn.Linear) and len(graph[node.inputs[0]].shape) != 1:
        raise NetworkError(
            f"{node.name} (Linear) reads {graph[node.inputs[0]].shape}: expected features, flatten first"
        )
    if isinstance(module, nn.InstanceNorm2d):
        return _affine(nn.GroupNorm(module.num_features, module.num_features, module.eps), module)
    if isinstance(module, nn.GroupNorm) and not module.affine:
        return _affine(nn.GroupNorm(module.num_groups, module.num_channels, module.eps), module)
    if isinstance(module, nn.BatchNorm2d) and not module.affine:
        plain = _affine(nn.BatchNorm2d(module.num_features, module.eps), module)
        plain.load_state_dict({**plain.state_dict(), **module.state_dict()})
        return plain.eval()
    return nn.ReLU() if isinstance(module, nn.ReLU) else module


def _affine(plain: nn.Module, norm: nn.Module) -> nn.Module:
    """A norm with γ and β: those of `norm`, or 1 and 0."""
    plain = plain.double()
    with torch.no_grad():
        for name in ("weight", "bias"):
            if (value := getattr(norm, name, None)) is not None:
                getattr(plain, name).copy_(value)
    return plain


def _in_numbers(name: str, module: nn.Conv2d) -> tuple[int, ...]:
    """`same` and `valid` as zeros on each side."""
    if module.padding == "valid":
        return (0, 0)
    spare = [d * (k - 1) for d, k in zip(module.dilation, module.kernel_size, strict=True)]
    if any(s % 2 for s in spare):
        raise NetworkError(f"{name} (Conv2d) pads one side more than the other: use an odd kernel")
    return tuple(s // 2 for s in spare)
