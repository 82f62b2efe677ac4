"""Batch norm folded away: in eval mode it is y = a·x + b for each channel, which a kernel beside it can take over.

Backward, into a convolution or linear layer in front that nobody else reads: its outputs are scaled. Forward, into
every convolution and linear layer behind, maybe through pools: their inputs are scaled, and Σ b_c·w_c goes into the
bias. Forward needs that they do not pad with zeros (which would have to be −b/a), and a ≥ 0 in front of a maximum.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import nn

from normlab.compaction.constants import Constants, affine, constants, kernel
from normlab.compaction.padding import pads
from normlab.compaction.paths import Stays, layers_behind
from normlab.models.graph import Graph, Node, renamed
from normlab.models.parts import has_kernel


@torch.no_grad()
def folded(graph: Graph) -> tuple[Graph, list[str]]:
    """The graph with batch norms folded into kernels (its modules change), and a line for each that stays, and why."""
    kept = []
    for norm in [node for node in graph if isinstance(node.module, nn.BatchNorm2d)]:
        try:
            if not _backward(graph, norm):
                _forward(graph, norm, constants(graph))
        except Stays as reason:
            kept.append(f"{norm.name} (BatchNorm2d) is computed by itself: {reason}")
        else:
            graph = renamed(graph, {norm.name: norm.inputs[0]})
    return graph, kept


def add_to_bias(module: Any, amount: torch.Tensor) -> None:
    """Add (outputs,) to a layer's bias; one is made where there is none and something to add."""
    if module.bias is not None:
        module.bias.add_(amount)
    elif amount.any():
        module.bias = nn.Parameter(amount.clone())


def _backward(graph: Graph, norm: Node) -> bool:
    before = graph[norm.inputs[0]]
    if not has_kernel(before.module) or len(graph.readers(before.name)) > 1:
        return False
    scale, shift = affine(norm.module)  # type: ignore[arg-type]
    kernel(before.module).mul_(scale.view(-1, 1, 1))
    if before.module.bias is not None:
        before.module.bias.mul_(scale)
    add_to_bias(before.module, shift)
    return True


def _forward(graph: Graph, norm: Node, known: Constants) -> None:
    scale, shift = affine(norm.module)  # type: ignore[arg-type]
    fixed = ~known[norm.name].isnan()
    scale, shift = torch.where(fixed, 0, scale), torch.where(fixed, known[norm.name], shift)

    def refuses(reader: Node) -> str | None:
        if isinstance(reader.module, nn.MaxPool2d) and bool((scale < 0).any()):
            return f"{int((scale < 0).sum())} of its scales are negative and {reader.name} takes maxima behind it"
        if pads(reader.module) and bool(shift.any()):
            return f"{reader.name} behind it pads with zeros, which a shift does not leave zero"
        return None

    for layer, repeat in list(layers_behind(graph, norm.name, refuses)):
        weights = kernel(layer.module)
        if bool(shift.any()):
            add_to_bias(layer.module, weights.sum(2) @ shift.repeat_interleave(repeat))
        weights.mul_(scale.repeat_interleave(repeat).view(1, -1, 1))
