"""Networks of which every operation is understood: what it computes can be said, and computed otherwise."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from typing import Any

from torch import nn

from normlab.errors import NetworkError
from normlab.models.graph.nodes import Graph, reaching, settled
from normlab.models.graph.plain import hooked, plain
from normlab.models.graph.refusals import NotUnderstood
from normlab.models.graph.tracing import trace
from normlab.norms.kinds import KNOWN, STANDARDIZING

POOLS = (nn.MaxPool2d, nn.AvgPool2d, nn.AdaptiveAvgPool2d)
IDENTITIES = (nn.Identity, nn.Dropout, nn.Dropout2d)
"""What changes nothing in eval mode."""
UNDERSTOOD = (nn.Conv2d, nn.Linear, *STANDARDIZING, nn.ReLU, *POOLS, *IDENTITIES, nn.Flatten, nn.LogSoftmax, nn.Softmax)
"""The modules that nodes may have. A subclass may compute something else, so it is not understood."""

WHOLE = (*UNDERSTOOD, *KNOWN)
"""The modules that are not looked into: what is wrong with one is said of it by its name."""


def read(model: nn.Module, shape: tuple[int, ...]) -> Graph:
    """The graph of a network for images of (C, H, W), in eval mode.

    The nodes' modules are copies on the CPU, plain ones where a module differs from them in training alone; the model
    stays as it is. What cannot reach the output is left out.

    Raises:
        NetworkError: something in it is not understood; it is named, and what is understood is said.
    """
    try:
        graph = trace(plain(deepcopy(model).cpu().eval()), shape, WHOLE, _check, UNDERSTOOD)
    except NotUnderstood as error:
        raise NetworkError(f"{error}; {_WAY_OUT}") from None
    _refuse_shared(graph)
    return reaching(settled(graph))


def _check(name: str, module: nn.Module) -> None:
    """That a module computes what its class says, and in a way that every reader of a graph knows."""
    told = f"{name} ({type(module).__name__})"
    if type(module) not in UNDERSTOOD:
        raise NotUnderstood(f"{told} is not understood")
    if hooked(module):
        raise NetworkError(f"{told} has hooks, which may compute anything: remove them first")
    fault = next((fault for kind, fits, fault in LIMITS if isinstance(module, kind) and not fits(module)), None)
    if fault:
        raise NetworkError(f"{told} {fault}")


def _refuse_shared(graph: Graph) -> None:
    """A layer that is called twice would be two layers in another network."""
    names: dict[nn.Module, str] = {}
    for node in graph:
        if node.module is not None and names.setdefault(node.module, node.name) != node.name and _learns(node.module):
            told = f"{names[node.module]} ({type(node.module).__name__})"
            raise NetworkError(f"{told} is used twice: shared weights are not understood")


def _learns(module: nn.Module) -> bool:
    return any(True for _ in module.parameters())


LIMITS: list[tuple[type[nn.Module], Callable[[Any], bool], str]] = [
    (nn.Conv2d, lambda m: m.groups == 1, "has groups: only convolutions over all channels are understood"),
    (nn.Conv2d, lambda m: m.padding_mode == "zeros", "does not pad with zeros: no other padding is understood"),
    (nn.MaxPool2d, lambda m: not m.return_indices, "gives indices, which are not understood"),
    (nn.InstanceNorm2d, lambda m: not m.track_running_stats, "keeps running statistics, which are not understood"),
    (nn.BatchNorm2d, lambda m: m.track_running_stats, "keeps no running statistics, so images change each other"),
    (nn.Flatten, lambda m: (m.start_dim, m.end_dim) == (1, -1), "does not flatten each image"),
    (nn.LogSoftmax, lambda m: m.dim in (1, -1), "is not over classes"),
    (nn.Softmax, lambda m: m.dim in (1, -1), "is not over classes"),
]

_NAMES = ", ".join(kind.__name__ for kind in UNDERSTOOD)
_WAY_OUT = f"understood are {_NAMES}, and relu, sums, flatten, pools and the mean over positions as functions"
