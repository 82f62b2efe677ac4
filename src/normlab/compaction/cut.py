"""The graph with smaller modules: channels that are not kept are gone, constants among them are in biases."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import torch
from torch import nn

from normlab.compaction.constants import Constants, kernel
from normlab.compaction.counted import CountedGroupNorm, CountedRMSNorm
from normlab.compaction.fold import add_to_bias
from normlab.compaction.spaces import Spaces
from normlab.models.graph import Graph, Node
from normlab.models.parts import has_kernel
from normlab.norms.rms import RMSNormImage


@torch.no_grad()
def cut(graph: Graph, spaces: Spaces, known: Constants) -> Graph:
    """A graph of new modules over the kept channels; `graph` stays as it is."""
    return Graph(tuple(_smaller(node, spaces, known) for node in graph), graph.output)


def _smaller(node: Node, spaces: Spaces, known: Constants) -> Node:
    kept = spaces.mask(node.name)
    shape = (int(kept.sum()), *node.shape[1:])
    if not node.inputs or node.module is None:
        return replace(node, shape=shape)
    before, constants = spaces.mask(node.inputs[0]), known[node.inputs[0]]
    return replace(node, shape=shape, module=_module(node, kept, before, constants))


def _module(node: Node, kept: torch.Tensor, before: torch.Tensor, constants: torch.Tensor) -> Any:
    module: Any = node.module
    if has_kernel(module):
        return _weighted(module, kept, before, constants)
    if kept.all():
        return node.module
    if isinstance(module, nn.BatchNorm2d):
        return _batch(module, kept)
    if isinstance(module, nn.GroupNorm):
        return _group(module, kept, constants)
    if isinstance(module, RMSNormImage):
        return CountedRMSNorm.of(module, kept, constants)
    return node.module


def _weighted(module: Any, kept: torch.Tensor, before: torch.Tensor, constants: torch.Tensor) -> Any:
    weight = module.weight[kept]
    gone = torch.where(before, 0, constants.nan_to_num(0))  # what varies and goes has a kernel of zeros
    smaller = _like(module, int(before.sum()), len(weight))
    smaller.weight = nn.Parameter(weight[:, before].clone())
    smaller.bias = None if module.bias is None else nn.Parameter(module.bias[kept].clone())
    add_to_bias(smaller, kernel(module)[kept].sum(2) @ gone)
    return smaller


def _like(module: Any, inputs: int, outputs: int) -> Any:
    if isinstance(module, nn.Linear):
        return nn.Linear(inputs, outputs, bias=False)
    settings = {name: getattr(module, name) for name in ("kernel_size", "stride", "padding", "dilation")}
    return nn.Conv2d(inputs, outputs, **settings, bias=False)


def _batch(norm: nn.BatchNorm2d, kept: torch.Tensor) -> nn.Module:
    smaller = nn.BatchNorm2d(int(kept.sum()), norm.eps)
    values = {name: v[kept] if v.dim() else v for name, v in norm.state_dict().items()}
    smaller.double().load_state_dict(values)
    return smaller.eval()


def _group(norm: nn.GroupNorm, kept: torch.Tensor, constants: torch.Tensor) -> nn.Module:
    groups = kept.view(norm.num_groups, -1)
    if not bool((groups.any(1) == groups.all(1)).all()):
        return CountedGroupNorm.of(norm, kept, constants)
    whole = nn.GroupNorm(int(groups.all(1).sum()), int(kept.sum()), norm.eps).double()
    whole.load_state_dict({name: value[kept] for name, value in norm.state_dict().items()})
    return whole
