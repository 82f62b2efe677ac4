"""From a model to the operations it consists of, in order, with the shapes that pass."""

from __future__ import annotations

import operator
from dataclasses import dataclass
from typing import Any

import torch
from torch import fx, nn
from torch.nn import functional as F

from normlab.errors import EngineError

FUNCTIONS = {
    operator.add: "add",
    operator.iadd: "add",
    torch.add: "add",
    F.relu: "relu",
    torch.relu: "relu",
    torch.flatten: "flatten",
}
METHODS = {"relu": "relu", "relu_": "relu", "flatten": "flatten", "add": "add", "add_": "add"}


@dataclass(frozen=True)
class Node:
    """One operation: a module, or a function by name; `shape` is (C, H, W), or (features,) after flattening."""

    name: str
    module: nn.Module | None
    function: str
    inputs: tuple[str, ...]
    shape: tuple[int, ...]


class _Tracer(fx.Tracer):
    """Stops at every module that has no children: norms of our own are one operation."""

    def is_leaf_module(self, m: nn.Module, module_qualified_name: str) -> bool:  # noqa: ARG002 - torch's signature
        return not any(True for _ in m.children())


def trace(model: nn.Module, shape: tuple[int, int, int]) -> list[Node]:
    """The operations of a model for images of (C, H, W); raises `EngineError` where there is something else in it."""
    try:
        graph = fx.GraphModule(model, _Tracer().trace(model))
        was = model.training
        graph.eval()
        shapes = _Shapes(graph)
        with torch.no_grad():
            shapes.run(torch.zeros(1, *shape, device=next(model.parameters()).device))
        graph.train(was)
    except Exception as error:  # noqa: BLE001 - a model may do anything while it is traced
        raise EngineError(f"the lanes engine cannot trace this model: {str(error).splitlines()[0]}") from None
    return [_node(graph, node, shapes.found[node.name]) for node in graph.graph.nodes if node.op != "output"]


class _Shapes(fx.Interpreter):
    """Runs a graph once and notes the shape of every result, without the images' dimension."""

    found: dict[str, tuple[int, ...]]

    def run_node(self, n: fx.Node) -> Any:
        result = super().run_node(n)
        self.found = getattr(self, "found", {}) | {n.name: tuple(result.shape[1:])}
        return result


def _node(graph: fx.GraphModule, node: fx.Node, shape: tuple[int, ...]) -> Node:
    inputs = tuple(argument.name for argument in node.args if isinstance(argument, fx.Node))
    if node.op == "placeholder":
        return Node(node.name, None, "input", (), shape)
    if node.op == "call_module":
        return Node(node.name, graph.get_submodule(str(node.target)), "module", inputs, shape)
    name = FUNCTIONS.get(node.target) if node.op == "call_function" else METHODS.get(str(node.target))  # type: ignore[arg-type]
    if name is None or (name == "add" and len(inputs) != 2):
        raise EngineError(f"the lanes engine has no kernel for {node.format_node()}")
    return Node(node.name, None, name, inputs, shape)
