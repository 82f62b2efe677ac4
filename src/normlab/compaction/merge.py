"""Dead channels behind a group's statistics become one.

A channel that is constant in front of group norm is not behind it: it is γ·s + β with s = (v − μ)/σ, a number for each
image that depends on the living channels. But it is the same s for all channels of the group with the same v. So one of
them can carry s (γ = 1, β = 0) for all: the kernels behind get Σ γ_d·w_d on it, their bias Σ β_d·w_d, and zero on the
others, which nobody reads then. Between them may stand pools and flattening, which leave planes of one number as they
are. Zero padding needs β = 0.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch
from torch import nn

from normlab.compaction.constants import Constants, kernel
from normlab.compaction.fold import add_to_bias
from normlab.compaction.padding import pads
from normlab.compaction.paths import Stays, layers_behind
from normlab.models.graph import Graph, Node


@torch.no_grad()
def merged(graph: Graph, known: Constants) -> list[str]:
    """Merge the dead channels of every group norm in place; gives a line for each norm where there was something."""
    lines = []
    for norm in [node for node in graph if isinstance(node.module, nn.GroupNorm) and len(node.shape) == 3]:
        done = [len(alike) for alike in _alike(norm, known) if _merge(graph, norm, alike)]
        if done:
            lines.append(
                f"{sum(done)} constant channels of {norm.name} depend on the image through its statistics,"
                f" all in the same way: {len(done)} stand for them"
            )
    return lines


def _alike(norm: Node, known: Constants) -> Iterator[torch.Tensor]:
    """Channels, at least two, of one group that hold one number in front of the norm and none behind it."""
    module: Any = norm.module
    groups = torch.arange(module.num_channels) // (module.num_channels // module.num_groups)
    before = torch.where(known[norm.name].isnan(), known[norm.inputs[0]], torch.nan)
    for group in range(module.num_groups):
        values = torch.where(groups == group, before, torch.nan)
        for value in torch.unique(values[~values.isnan()]):
            channels = (values == value).nonzero().flatten()
            if len(channels) > 1:
                yield channels


def _merge(graph: Graph, norm: Node, alike: torch.Tensor) -> bool:
    module: Any = norm.module
    scale, shift = module.weight[alike], module.bias[alike]

    def refuses(reader: Node) -> str | None:
        return "zero padding" if pads(reader.module) and bool(shift.any()) else None

    try:
        layers = list(layers_behind(graph, norm.name, refuses))
    except Stays:
        return False
    for layer, repeat in layers:
        weights = kernel(layer.module)
        weights = weights.view(len(weights), -1, repeat, weights.shape[2])  # (outputs, channels, repeat, positions)
        parts = weights[:, alike]
        if bool(shift.any()):
            add_to_bias(layer.module, torch.einsum("ocrp,c->o", parts, shift))
        weights[:, alike] = 0
        weights[:, alike[0]] = torch.einsum("ocrp,c->orp", parts, scale)
    module.weight[alike[0]], module.bias[alike[0]] = 1, 0
    return True
