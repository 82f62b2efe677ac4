"""Which channels hold one number, the same at every position of every image, and which number.

One walk from the input to the output. A channel is constant where a kernel is zero on all inputs that are not constant,
where γ is zero, where all members of a norm's group are constant, and behind ReLU, pools and sums of constants. Behind
zero padding a constant is one only if it is zero. All of it holds exactly; nothing is measured on images.
"""

from __future__ import annotations

from collections.abc import Callable
from math import prod
from typing import Any

import torch
from torch import nn

from normlab.compaction.padding import even, pads
from normlab.models.graph import Graph, Node
from normlab.norms.layer_c import LayerNormChannels
from normlab.norms.rms import RMSNormImage

Constants = dict[str, torch.Tensor]
"""By node, a float64 number for each channel (or feature); NaN where it is not constant."""


@torch.no_grad()
def constants(graph: Graph) -> Constants:
    """The constant channels of every node's result."""
    found: Constants = {}
    for node in graph:
        given = [found[name] for name in node.inputs]
        if node.is_sum:
            found[node.name] = given[0] + given[1]
        elif node.module is None:
            found[node.name] = _unknown(node)
        elif isinstance(node.module, nn.Flatten):
            found[node.name] = given[0].repeat_interleave(prod(graph[node.inputs[0]].shape[1:]))
        else:
            found[node.name] = RULES.get(type(node.module), _never)(node, given[0])
    return found


def affine(norm: nn.BatchNorm2d) -> tuple[torch.Tensor, torch.Tensor]:
    """Batch norm in eval mode as scale and shift, (C,) each."""
    mean, variance = norm.running_mean, norm.running_var
    if mean is None or variance is None:
        raise AssertionError("a graph holds no batch norm without running statistics")
    scale = norm.weight / (variance + norm.eps).sqrt()
    return scale.detach(), (norm.bias - scale * mean).detach()


def kernel(module: Any) -> torch.Tensor:
    """(outputs, inputs, positions) of a convolution's or a linear layer's weights."""
    weight: torch.Tensor = module.weight
    return weight.reshape(*weight.shape[:2], -1)


def _unknown(node: Node) -> torch.Tensor:
    return torch.full(node.shape[:1], torch.nan, dtype=torch.float64)


def _never(node: Node, _given: torch.Tensor) -> torch.Tensor:
    return _unknown(node)


def _weighted(node: Node, given: torch.Tensor) -> torch.Tensor:
    module: Any = node.module
    weights = kernel(module)
    usable = (given == 0) if pads(module) else ~given.isnan()
    varies = ((weights != 0).any(2) & ~usable).any(1)
    sums = weights.sum(2) @ torch.where(usable, given, 0)
    return torch.where(varies, torch.nan, sums if module.bias is None else sums + module.bias)


def _relu(_node: Node, given: torch.Tensor) -> torch.Tensor:
    return given.relu()


def _same(_node: Node, given: torch.Tensor) -> torch.Tensor:
    return given  # a maximum pads with −∞, which no window prefers


def _average(node: Node, given: torch.Tensor) -> torch.Tensor:
    return given if even(node.module) else torch.where(given == 0, given, torch.nan)


def _batch(node: Node, given: torch.Tensor) -> torch.Tensor:
    scale, shift = affine(node.module)  # type: ignore[arg-type]
    return torch.where(scale == 0, shift, scale * given + shift)


def _group(node: Node, given: torch.Tensor) -> torch.Tensor:
    norm: Any = node.module
    return _standardized(given.view(norm.num_groups, -1), norm).where(norm.weight != 0, norm.bias)


def _channels(node: Node, given: torch.Tensor) -> torch.Tensor:
    norm: Any = node.module
    if norm.weight is None or norm.bias is None:
        return _unknown(node)
    return _standardized(given.view(1, -1), norm).where(norm.weight != 0, norm.bias)


def _standardized(groups: torch.Tensor, norm: Any) -> torch.Tensor:
    """(G, C/G) constants to (C,); one that is not constant makes its whole group so."""
    variance, mean = torch.var_mean(groups, dim=1, correction=0, keepdim=True)
    result: torch.Tensor = ((groups - mean) * (variance + norm.eps).rsqrt()).flatten() * norm.weight + norm.bias
    return result


def _rms(node: Node, given: torch.Tensor) -> torch.Tensor:
    norm: Any = node.module
    scaled: torch.Tensor = given * (given.square().mean() + norm.eps).rsqrt() * norm.weight + norm.bias
    return torch.where((given == 0) | (norm.weight == 0), norm.bias, scaled)


def _layer(node: Node, _given: torch.Tensor) -> torch.Tensor:
    """With γ and β per element, a channel whose γ is zero and whose β is one number."""
    norm: Any = node.module
    if norm.weight is None or norm.bias is None or tuple(norm.normalized_shape) != node.shape:
        return _unknown(node)
    weight, bias = norm.weight.reshape(node.shape[0], -1), norm.bias.reshape(node.shape[0], -1)
    flat = (weight == 0).all(1) & (bias == bias[:, :1]).all(1)
    return torch.where(flat, bias[:, 0], torch.nan)


RULES: dict[type[nn.Module], Callable[[Node, torch.Tensor], torch.Tensor]] = {
    nn.Conv2d: _weighted,
    nn.Linear: _weighted,
    nn.ReLU: _relu,
    nn.MaxPool2d: _same,
    nn.AvgPool2d: _average,
    nn.AdaptiveAvgPool2d: _same,
    nn.BatchNorm2d: _batch,
    nn.GroupNorm: _group,
    RMSNormImage: _rms,
    LayerNormChannels: _channels,
    nn.LayerNorm: _layer,
}
