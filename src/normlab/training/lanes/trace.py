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
METHODS = {
    "relu": "relu",
    "relu_": "relu",
    "flatten": "flatten",
    "view": "flatten",
    "reshape": "flatten",
    "add": "add",
    "add_": "add",
}
IMAGES = 2
"""Images that shapes are found with: two, so that a reshape which mixes images is seen."""


@dataclass(frozen=True)
class Node:
    """One operation: a module, or a function by name; `shape` is (C, H, W), or (features,) after flattening.

    `changes` says that it overwrites its first input.
    """

    name: str
    module: nn.Module | None
    function: str
    inputs: tuple[str, ...]
    shape: tuple[int, ...]
    changes: bool = False


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
            shapes.run(torch.zeros(IMAGES, *shape, device=next(model.parameters()).device))
        graph.train(was)
    except EngineError as error:
        raise EngineError(str(error).splitlines()[0]) from None  # the interpreter adds lines of its own
    except Exception as error:  # noqa: BLE001 - a model may do anything while it is traced
        said = (str(error).splitlines() or [type(error).__name__])[0]
        raise EngineError(f"the lanes engine cannot trace this model: {said}") from None
    return [_node(graph, node, shapes.found) for node in graph.graph.nodes if node.name in shapes.found]


class _Shapes(fx.Interpreter):
    """Runs a graph once and notes the shape of every tensor, without the images' dimension.

    Sizes that a model reads off a tensor are no operations: they are known when it is compiled.
    """

    def __init__(self, graph: fx.GraphModule) -> None:
        super().__init__(graph)
        self.found: dict[str, tuple[int, ...]] = {}

    def run_node(self, n: fx.Node) -> Any:
        """See `fx.Interpreter.run_node`."""
        result = super().run_node(n)
        if n.op == "output" and isinstance(result, torch.Tensor):
            return result
        if isinstance(result, torch.Tensor):
            if result.shape[:1] != (IMAGES,):
                raise EngineError(f"the lanes engine has no kernel for {_told(n)}: its result is not one of each image")
            self.found[n.name] = tuple(result.shape[1:])
        elif not isinstance(result, int | torch.Size):
            raise EngineError(f"the lanes engine has no kernel for {_told(n)}: its result is no tensor")
        return result


def _node(graph: fx.GraphModule, node: fx.Node, shapes: dict[str, tuple[int, ...]]) -> Node:
    shape = shapes[node.name]
    inputs = tuple(a.name for a in node.args if isinstance(a, fx.Node) and a.name in shapes)
    if node.op == "placeholder":
        return Node(node.name, None, "input", (), shape)
    if node.op == "call_module":
        module = graph.get_submodule(str(node.target))
        return Node(node.name, module, "module", inputs, shape, bool(getattr(module, "inplace", False)))
    name = FUNCTIONS.get(node.target) if node.op == "call_function" else METHODS.get(str(node.target))  # type: ignore[arg-type]
    plain = len(inputs) == (2 if name == "add" else 1) and node.kwargs.get("alpha", 1) == 1
    if name is None or not plain or (name == "flatten" and len(shape) != 1):
        raise EngineError(f"the lanes engine has no kernel for {_told(node)}")
    return Node(node.name, None, name, inputs, shape, _overwrites(node))


def _overwrites(node: fx.Node) -> bool:
    by_name = str(node.target).endswith("_") and node.op == "call_method"
    return by_name or node.target is operator.iadd or bool(node.kwargs.get("inplace", False))


def _told(node: fx.Node) -> str:
    """The operation as the model's author would know it."""
    return str(node.format_node()).split(" = ", 1)[-1]
