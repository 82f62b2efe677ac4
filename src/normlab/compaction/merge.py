"""Dead channels behind a group's statistics become one, or two.

A channel that holds v in front of group norm is not constant behind it: it is γ·(v − μ)/σ + β, a number for each image
that depends on the living channels. But (v − μ)/σ is the same for all channels of the group with the same v, and for
others it lies on the line through those with the least and the largest: (v − μ)/σ = (1 − t)·(a − μ)/σ + t·(b − μ)/σ
with t = (v − a)/(b − a). So one channel, or two, can carry it for all (γ = 1, β = 0): the kernels behind get
Σ γ_d·t_d·w_d on the carrier, their bias Σ β_d·w_d, and zero on the others, which nobody reads then. Between them may
stand pools and flattening, which leave planes of one number as they are. Zero padding needs β = 0.
"""

from __future__ import annotations

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
        done = [found for dead in _dead(norm, known) if (found := _merge(graph, norm, dead, known[norm.inputs[0]]))]
        if done:
            before, after = (sum(each) for each in zip(*done, strict=True))
            lines.append(
                f"{norm.name} makes {before} constant channels vary by image, all of a group alike: merged into {after}"
            )
    return lines


def _dead(norm: Node, known: Constants) -> list[torch.Tensor]:
    """By group, the channels that are constant in front of the norm and not behind it."""
    module: Any = norm.module
    dead = known[norm.name].isnan() & ~known[norm.inputs[0]].isnan()
    size = module.num_channels // module.num_groups
    return [dead[start : start + size].nonzero().flatten() + start for start in range(0, len(dead), size)]


def _merge(graph: Graph, norm: Node, dead: torch.Tensor, values: torch.Tensor) -> tuple[int, int] | None:
    """How many channels became how many; None where there is nothing to gain or something in the way."""
    module: Any = norm.module
    carriers, parts = _carriers(dead, values[dead])
    scale, shift = module.weight[dead], module.bias[dead]

    def refuses(reader: Node) -> str | None:
        return "zero padding" if pads(reader.module) and bool(shift.any()) else None

    try:
        layers = list(layers_behind(graph, norm.name, refuses)) if len(carriers) < len(dead) else []
    except Stays:
        return None
    for layer, repeat in layers:
        weights = kernel(layer.module)
        weights = weights.view(len(weights), -1, repeat, weights.shape[2])  # (outputs, channels, repeat, positions)
        before = weights[:, dead]
        add_to_bias(layer.module, torch.einsum("odrp,d->o", before, shift))
        weights[:, dead] = 0
        weights[:, carriers] = torch.einsum("odrp,dc->ocrp", before, scale[:, None] * parts)
    if layers:
        module.weight[carriers], module.bias[carriers] = 1, 0
    return (len(dead), len(carriers)) if layers else None


def _carriers(dead: torch.Tensor, values: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """The channels that stand for the `dead` ones, which hold `values`: one or two, and each one's part in each."""
    if not len(dead) or bool((values == values[0]).all()):
        return dead[:1], torch.ones(len(dead), 1, dtype=values.dtype)
    low, high = values.argmin(), values.argmax()
    towards = (values - values[low]) / (values[high] - values[low])
    return dead[torch.stack([low, high])], torch.stack([1 - towards, towards], dim=1)
