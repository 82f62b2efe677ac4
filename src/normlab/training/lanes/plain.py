"""What a network may do beside its operations, and no trace of it shows: it is refused by name.

A trace has what a network calls. It does not have hooks, norms that stay in eval mode, nor what a network does in one
of its two modes alone.
"""

from __future__ import annotations

from copy import deepcopy

import torch
from torch import nn

from normlab.errors import EngineError
from normlab.models.graph import Graph
from normlab.models.graph.nodes import renamed
from normlab.training.dropout import PairedDropout
from normlab.training.lanes.trace import trace

REFUSED = "the lanes engine cannot take"
DROPS = (nn.Dropout, nn.Dropout2d, PairedDropout)
HOOKS = ("_forward_hooks", "_forward_pre_hooks", "_backward_hooks", "_backward_pre_hooks")


def check_plain(model: nn.Module, shape: tuple[int, int, int]) -> None:
    """Raise `EngineError` for a model that does more than call its operations, for images of (C, H, W).

    The model stays as it is.
    """
    for name, module in model.named_modules():
        if any(getattr(module, hooks) for hooks in HOOKS):  # weight norm of the older kind is one, too
            raise EngineError(f"{REFUSED} {_told(name, module)}: it has hooks")
    model = deepcopy(model).train()
    for name, module in model.named_modules():
        if not module.training:
            raise EngineError(f"{REFUSED} {_told(name, module)}: it stays in eval mode")
    _check_calls(model, shape)


def _check_calls(model: nn.Module, shape: tuple[int, int, int]) -> None:
    """That both modes call and compute the same, and the output last."""
    training, judging = trace(model, shape), trace(model.eval(), shape)
    if _calls(training) != _calls(judging):
        raise EngineError(f"{REFUSED} this model: it calls other layers in eval mode than in training")
    if not _compute_the_same(training, judging):
        raise EngineError(f"{REFUSED} this model: what it computes without images is not the same each time")
    if (last := training.nodes[-1].name) != training.output:
        raise EngineError(f"{REFUSED} {last}: nothing reads it, and it is not what the model gives")


def _compute_the_same(one: Graph, other: Graph) -> bool:
    """Whether two traces have the same constants and weights that are computed; one that draws has not."""
    if not (one.computed and other.computed):
        return one.computed is other.computed
    both = zip(one.computed.compute(), other.computed.compute(), strict=True)
    return all(torch.equal(a, b) for a, b in both)


def _told(name: str, module: nn.Module) -> str:
    return f"{name or 'this model'} ({type(module).__name__})"


def _calls(graph: Graph) -> list[tuple[str, type[object], tuple[int, ...]]]:
    """What is called and what it reads, but for what drops: attention is given a share to drop in training alone."""
    nodes = list(renamed(graph, {node.name: node.inputs[0] for node in graph if type(node.module) in DROPS}))
    places = {node.name: place for place, node in enumerate(nodes)}
    return [(node.name.rstrip("_"), type(node.module), tuple(places[name] for name in node.inputs)) for node in nodes]
