"""From traced operations to steps: a relu joins what makes its input, dropout joins the norm before it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from math import prod
from typing import Any

from torch import nn

from normlab.errors import EngineError
from normlab.models.graph import Graph, Node
from normlab.models.graph.layouts import CHANNELS
from normlab.models.graph.legs import Leg
from normlab.models.graph.operations import Padded
from normlab.models.graph.planes import Arranged
from normlab.training.lanes import settings
from normlab.training.lanes.trace import kind_of

RECTIFY = {"conv", "norm", "largest", "add"}
"""Kinds whose kernels can rectify what they write."""
ALIASES = {"same", "piece"}
"""Kinds whose result is, in PyTorch, a view of what they read: who overwrites the one overwrites the other."""
VIEWS = {"arrange"}
"""Kinds whose result may be one, or may be a copy."""
EACH = {"relu", "activation", "dropout", "add"}
"""Kinds that look at one value at a time, so that it is all the same to them whether a plane was flattened."""


@dataclass(frozen=True)
class Step:
    """One kernel's worth of the network.

    `kind` is what `kind_of` gives; `inputs` and `output` name values; `shape` is (C, H, W); `order` see `Node`.
    """

    kind: str
    module: Any
    inputs: tuple[str, ...]
    output: str
    shape: tuple[int, int, int]
    relu: bool = False
    dropout: Any = None
    order: tuple[int, int, int] | None = None


def steps(graph: Graph) -> list[Step]:
    """The steps of a network; raises `EngineError` with the module that no kernel covers."""
    uses = Counter(name for node in graph for name in node.inputs)
    shapes = {node.name: node.shape for node in graph}
    made: dict[str, int] = {}  # the step that makes a value
    done: list[Step] = []
    _refuse_repeats(graph)
    for node in graph:
        kind = kind_of(node)
        if type(node.module) is nn.LogSoftmax and not _left_to_the_loss(node, graph):
            raise EngineError(f"the lanes engine cannot take {node.name}: log_softmax is covered at the end alone")
        if node.overwrites and _seen_elsewhere(done[made[node.inputs[0]]], node.inputs[0], uses, done, made):
            raise EngineError(f"the lanes engine cannot take {node.name}: it overwrites what is read elsewhere")
        before = made.get(node.inputs[0]) if node.inputs else None
        joins = before is not None and uses[node.inputs[0]] == 1 and not node.order and _joins(done[before], kind)
        if before is not None and joins:
            done[before] = _joined(done[before], kind, node)
            made[node.name] = before
        else:
            inputs = [done[made[name]] for name in node.inputs]
            if not _takes_planes(kind, node, inputs):
                inputs = [_flat(step, shapes[name], done) for step, name in zip(inputs, node.inputs, strict=True)]
            if kind == "conv" and (pads := settings.padded_before(node.module)):
                inputs = [_padded(inputs[0], node, pads)]
                done += inputs
            made[node.name] = len(done)
            names, shape = tuple(s.output for s in inputs), _plane(node, kind, inputs)
            done.append(Step(kind, node.module, names, node.name, shape, order=node.order))
    return done


def _seen_elsewhere(step: Step, name: str, uses: Counter[str], done: list[Step], made: dict[str, int]) -> bool:
    """Whether somebody else may look at a value, which a step made, or at what it is a view of."""
    if uses[name] > 1 or step.kind in ALIASES:
        return True
    if step.kind not in VIEWS:
        return False
    (source,) = step.inputs
    return _seen_elsewhere(done[made[source]], source, uses, done, made)


def _takes_planes(kind: str, node: Node, inputs: list[Step]) -> bool:
    """Whether what a node does to features it does as well to a plane that was flattened, and lies as it was."""
    if kind in EACH:
        return len({step.shape for step in inputs}) == 1
    return kind in ("same", "input") or type(node.module) is nn.Linear


def _flat(source: Step, shape: tuple[int, ...], done: list[Step]) -> Step:
    """What makes a value; of features that still lie as a plane does, a copy that has them as channels."""
    if len(shape) > 1 or source.shape[1:] == (1, 1):
        return source
    legs, apart, made = list[Leg](), prod(source.shape), (prod(source.shape), 1, 1)
    for place, size in enumerate(source.shape, 1):
        apart //= size
        legs.append(Leg(size, ((place, 1), (CHANNELS, apart))))
    name = f"{source.output} flat"
    if (found := next((step for step in done if step.output == name), None)) is None:
        found = Step("arrange", Arranged(legs, (0, 0, 0), source.shape, made), (source.output,), name, made)
        done.append(found)
    return found


def _padded(source: Step, node: Node, pads: Padded) -> Step:
    """What a convolution reads that pads in a way of its own."""
    c, h, w = (size + sum(around) for size, around in zip(source.shape, pads.amounts, strict=True))
    return Step("pad", pads, (source.output,), f"{node.name} padded", (c, h, w))


def _left_to_the_loss(node: Node, graph: Graph) -> bool:
    """Whether a log-softmax is of the classes and last: the loss takes it once more, which changes nothing."""
    dim = getattr(node.module, "dim", None)
    return node.name == graph.output and len(node.shape) == 1 and dim in (1, -1)


def _refuse_repeats(graph: Graph) -> None:
    """A norm with statistics of its own has one place in the network."""
    layers = [node.module for node in graph if isinstance(node.module, settings.OF_BATCHES)]
    for node in graph:
        if any(node.module is layer for layer in layers) and sum(node.module is other for other in layers) > 1:
            raise EngineError(f"the lanes engine cannot take {node.name}: this layer is called more than once")


def _joins(step: Step, kind: str) -> bool:
    if kind == "same":
        return True
    if kind == "relu":
        return step.kind in RECTIFY and not step.relu and step.dropout is None
    return kind == "dropout" and step.kind == "norm" and step.dropout is None


def _joined(step: Step, kind: str, node: Node) -> Step:
    if kind == "relu":
        return replace(step, relu=True)
    if kind == "dropout":
        return replace(step, dropout=node.module)
    return step


def _plane(node: Node, kind: str, inputs: list[Step]) -> tuple[int, int, int]:
    """The shape as (C, H, W); features are channels of one position."""
    if (
        kind in EACH | {"same"}
        and len({step.shape for step in inputs}) == 1
        and prod(inputs[0].shape) == prod(node.shape)
    ):
        return inputs[0].shape
    channels, *positions = node.shape
    if len(positions) == 2:
        return channels, positions[0], positions[1]
    if prod(positions) == 1:
        return channels, 1, 1
    raise EngineError(f"the lanes engine needs images or features, and {node.name} gives {node.shape}")
