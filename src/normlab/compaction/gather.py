"""Constant channels that a convolution reads beside its zero padding become one.

A plane of v with zeros around it is not constant, so no bias stands for it. But all such planes are multiples of one:
the kernel of the one with the largest |v| gets Σ (v_d / v)·w_d, and the others are not read any more.
"""

from __future__ import annotations

import torch

from normlab.compaction.constants import Constants, kernel
from normlab.compaction.padding import pads
from normlab.models.graph import Graph


@torch.no_grad()
def gathered(graph: Graph, known: Constants) -> list[str]:
    """Gather in place what every padding convolution reads of constants; gives a line for each where it did."""
    lines = []
    for node in [node for node in graph if pads(node.module)]:
        weights, values = kernel(node.module), known[node.inputs[0]].nan_to_num(0)
        read = ((weights != 0).any(2).any(0) & (values != 0)).nonzero().flatten()
        if len(read) > 1:
            carrier = read[values[read].abs().argmax()]
            total = torch.einsum("odp,d->op", weights[:, read], values[read] / values[carrier])
            weights[:, read] = 0
            weights[:, carrier] = total
            lines.append(f"{node.name} reads {len(read)} constant channels beside its zero padding: merged into 1")
    return lines
