"""Kernels whose scale does not matter, because a norm divides it away; and what is left of that on real images.

A kernel is *scale-free* where every path from it reaches a norm through positively homogeneous operations only, those
with f(a·x) = a·f(x) for a > 0: ReLU, pooling, dropout, flattening, convolutions and linear layers without bias. Halving
it changes the norm's input by one factor and its output by nothing but eps. Weight decay or L1 on such a kernel costs
the network nothing: it shrinks the kernel and leaves the function.

A bias, the kernel's own or that of a layer behind it, does not scale with it and ends a path; but where a norm *of each
channel* (batch, instance) comes next, with pooling at most in between, it takes the shift away too and the path is
good. A sum of branches ends a path, since the other branch keeps its size.

Sources: T. van Laarhoven, L2 regularization versus batch and weight normalization, arXiv 1706.05350, 2017; S. Arora,
Z. Li and K. Lyu, Theoretical analysis of auto rate-tuning by batch normalization, ICLR 2019.
"""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass
from math import ceil

import torch
from torch import nn

from normlab.models.graph import IDENTITIES, POOLS, Graph, Node, plain, read
from normlab.models.parts import has_kernel
from normlab.norms.kinds import is_norm, of_each_channel

HOMOGENEOUS = (nn.ReLU, nn.Flatten, *POOLS, *IDENTITIES)
CHUNK = 1000
"""Images that pass together, and are one batch to batch norm."""


@dataclass(frozen=True)
class Rescaling:
    """What multiplying all scale-free kernels at once by `factor` does to a network on some images.

    Args:
        kernels: their names in the state dict.
        factor: what they were multiplied by.
        change: the largest change of a class's probability, 0 to 1. Not quite zero: eps is not scaled.
        flipped: the share of images whose predicted class changes, 0 to 1.
    """

    kernels: tuple[str, ...]
    factor: float
    change: float
    flipped: float


def scale_free(model: nn.Module, shape: tuple[int, ...]) -> tuple[str, ...]:
    """The names in the state dict of the kernels whose scale does not matter, for images of `shape` (C, H, W).

    Batch norm counts as the norm that it is in training, with the statistics of the batch.

    Raises `NetworkError` where something in the model is not understood.
    """
    graph = read(model, shape)
    kernels = (node for node in graph if has_kernel(node.module))
    return tuple(f"{node.name}.weight" for node in kernels if _divided_away(graph, node, shifted=_has_bias(node)))


def rescaling(model: nn.Module, images: torch.Tensor, factor: float = 0.5) -> Rescaling:
    """What becomes of the class probabilities when all scale-free kernels are multiplied by `factor` > 0.

    Norms use the batch's statistics, so that running averages of another scale do not matter; dropout is off. The model
    stays as it is. A factor that is a power of two rounds nothing, so that all that is seen comes from eps.

    Args:
        model: gives logits (or their logarithms of probabilities), (N, classes).
        images: float (N, C, H, W), as the network sees them.
        factor: what the kernels are multiplied by.
    """
    kernels = scale_free(model, tuple(images.shape[1:]))
    scaled = deepcopy(model)
    with torch.no_grad():
        for name, value in scaled.named_parameters():
            if name in kernels:
                value.mul_(factor)
    before, after = _probabilities(model, images), _probabilities(scaled, images)
    flipped = (before.argmax(1) != after.argmax(1)).double().mean()
    return Rescaling(kernels, factor, float((before - after).abs().max()), float(flipped))


@torch.no_grad()
def _probabilities(model: nn.Module, images: torch.Tensor) -> torch.Tensor:
    """(N, classes), with the statistics of chunks of about equal size.

    Batch renormalization is batch norm here: its correction goes by running averages, which follow the scale.
    """
    model = plain(deepcopy(model)).eval()
    for module in model.modules():
        if is_norm(module):
            module.train()
    chunks = images.chunk(ceil(len(images) / CHUNK))
    return torch.cat([model(chunk).softmax(1) for chunk in chunks])


def _divided_away(graph: Graph, node: Node, *, shifted: bool) -> bool:
    """Whether every path from a node, whose result is scaled and maybe shifted by channel, ends in a norm."""
    if node.name == graph.output:
        return False
    return all(_passes(graph, reader, shifted=shifted) for reader in graph.readers(node.name))


def _passes(graph: Graph, node: Node, *, shifted: bool) -> bool:
    if is_norm(node.module):
        return of_each_channel(node.module) or not shifted
    if has_kernel(node.module):
        return not shifted and _divided_away(graph, node, shifted=_has_bias(node))
    passing = (nn.MaxPool2d, nn.Identity) if shifted else HOMOGENEOUS
    return isinstance(node.module, passing) and _divided_away(graph, node, shifted=shifted)


def _has_bias(node: Node) -> bool:
    return getattr(node.module, "bias", None) is not None
