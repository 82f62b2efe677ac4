"""A network as a program for the browser: steps that follow each other, and all that they have learned in one row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from normlab.models.graph import Node, reaching, trace
from normlab.models.graph.nodes import settled
from normlab.models.graph.plain import hooked
from normlab.norms.kinds import KNOWN, is_norm
from normlab.playground.steps import LAYERS, Shape, Step, refused, step

WHOLE = (*LAYERS, *KNOWN)
"""The modules that are not looked into."""


@dataclass(frozen=True, eq=False)
class Program:
    """What a network computes of the pixels (C, H, W), 0 to 255, of one image, and what it has learned.

    Args:
        steps: plain values, the logits last. Each has the operation (`do`), the layer's `name`, the numbers of the
            values that it `reads` (0 are the pixels, and step n makes value n), the shape of the first of them (`of`)
            and of its result (`shape`), both (C, H, W), and whether the layer is a `norm`; then the operation's
            settings, and its tensors by where they start in `weights` and how many values they have.
        weights: float32 (values,).
    """

    steps: tuple[dict[str, Any], ...]
    weights: NDArray[np.float32]


def program(network: nn.Module, shape: tuple[int, int, int], before: Sequence[Step] = ()) -> Program:
    """The program of a network in eval mode.

    Args:
        network: its modules are plain ones (`normlab.models.graph.plain`); it stays as it is.
        shape: of an image, (C, H, W).
        before: what is done to the pixels first, which keeps their shape.

    Raises `NetworkError` where something in it has no operation; it is named.
    """
    writing = _Writing(shape)
    for one in before:
        writing.add(one, "levels", (writing.last,), shape, shape)
    graph = reaching(settled(trace(network, shape, WHOLE)))
    values = {node.name: writing.last for node in graph if not node.inputs}
    shapes = {node.name: node.shape for node in graph}
    for node in graph:
        if node.inputs:
            _check(node)
            made, reads = step(node, shapes[node.inputs[0]]), [values[name] for name in node.inputs]
            given, norm = shapes[node.inputs[0]], is_norm(node.module)
            values[node.name] = writing.add(made, node.name, reads, given, node.shape, norm=norm) if made else reads[0]
    return writing.program()


def _check(node: Node) -> None:
    if node.module is not None and hooked(node.module):
        raise refused(node, "has hooks, which may compute anything")


class _Writing:
    """Puts steps behind each other, and their tensors into one row."""

    def __init__(self, shape: Shape) -> None:
        self.shape = shape
        self.steps: list[dict[str, Any]] = []
        self.tensors: list[torch.Tensor] = []

    @property
    def last(self) -> int:
        """The number of the value that was made last."""
        return len(self.steps)

    def add(self, made: Step, name: str, reads: Sequence[int], of: Shape, shape: Shape, *, norm: bool = False) -> int:
        """Put a step behind the others; returns the number of the value that it makes."""
        places = {called: self._place(tensor) for called, tensor in made.tensors.items()}
        known = {"do": made.do, "name": name, "reads": [*reads], "of": _image(of), "shape": _image(shape), "norm": norm}
        self.steps.append({**known, **made.settings, **places})
        return self.last

    def _place(self, tensor: torch.Tensor) -> list[int]:
        start = sum(each.numel() for each in self.tensors)
        self.tensors.append(tensor.detach().float().ravel())
        return [start, tensor.numel()]

    def program(self) -> Program:
        return Program(tuple(self.steps), torch.cat(self.tensors).numpy().astype("<f4"))


def _image(shape: Shape) -> list[int]:
    """Features are channels of a single position."""
    return [*shape] if len(shape) == 3 else [shape[0], 1, 1]
