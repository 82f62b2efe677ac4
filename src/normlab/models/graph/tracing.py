"""Any network as a graph, by torch.fx: whatever it calls, with the model's own modules and the shapes that pass."""

from __future__ import annotations

import operator
from collections.abc import Callable, Collection
from copy import deepcopy
from math import prod
from typing import Any

import torch
from torch import fx, nn

from normlab.errors import NetworkError
from normlab.models.graph.functions import SUMS, as_modules
from normlab.models.graph.nodes import Graph, Node

IMAGES = 2
"""Images that shapes are found with: two, so that a reshape which mixes images is seen."""
Check = Callable[[str, nn.Module], None]
"""Told of each module, by its name, before it is run; raises `NetworkError` for one that its reader cannot take."""
Shapes = dict[str, tuple[int, ...]]
"""Of every tensor that passes, by its name in the trace, without the images' dimension."""


class NotUnderstood(NetworkError):
    """An operation that no node stands for."""


def trace(
    model: nn.Module,
    shape: tuple[int, ...],
    whole: Collection[type[nn.Module]] = (),
    check: Check = lambda _name, _module: None,
    only: Collection[type[nn.Module]] | None = None,
) -> Graph:
    """What a network calls for images of (C, H, W), in the mode that it is in; the model stays as it is.

    Args:
        model: the nodes have its own modules. Functions become modules of the same meaning.
        shape: of an image.
        whole: modules that are one operation, as PyTorch's are; others are looked into. A subclass is another module.
        check: see `Check`.
        only: the kinds of modules that functions may become; None for all that there are.

    Raises:
        NetworkError: something in it cannot be read; the operation is named as the model's author knows it.
    """
    tracer = _Tracer(whole)
    try:
        traced = tracer.trace(model)
        shapes = _shapes(model, traced, shape, check)
    except NetworkError as error:
        raise type(error)(str(error).splitlines()[0]) from None  # the interpreter adds lines of its own
    except Exception as error:  # noqa: BLE001 - a model may do anything while it is traced
        said = (str(error).splitlines() or [type(error).__name__])[0]
        raise NotUnderstood(f"{tracer.inside or type(model).__name__} cannot be read: {said}") from None
    return _Reading(model, traced, shapes, only).graph()


class _Tracer(fx.Tracer):
    """Stops at modules of torch and at those that are whole; remembers the last module that it went into."""

    def __init__(self, whole: Collection[type[nn.Module]]) -> None:
        super().__init__()
        self.whole, self.inside = whole, ""

    def is_leaf_module(self, m: nn.Module, module_qualified_name: str) -> bool:
        return type(m) in self.whole or super().is_leaf_module(m, module_qualified_name)

    def call_module(
        self, m: nn.Module, forward: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> Any:
        self.inside = f"{self.path_of_module(m)} ({type(m).__name__})"
        return super().call_module(m, forward, args, kwargs)


@torch.no_grad()
def _shapes(model: nn.Module, traced: fx.Graph, shape: tuple[int, ...], check: Check) -> Shapes:
    run = _Run(fx.GraphModule(deepcopy(model).eval(), traced), check)
    like = next(model.parameters(), torch.zeros(()))
    run.run(torch.zeros(IMAGES, *shape, dtype=like.dtype, device=like.device))
    return run.shapes


class _Run(fx.Interpreter):
    """Runs a graph once and notes the shapes. Sizes that a model reads off a tensor are no operations."""

    def __init__(self, graph: fx.GraphModule, check: Check) -> None:
        super().__init__(graph)
        self.check = check
        self.shapes: Shapes = {}

    def run_node(self, n: fx.Node) -> Any:
        """See `fx.Interpreter.run_node`."""
        if n.op == "get_attr":
            raise _not_understood(n, "its use of a parameter or buffer outside the module that it belongs to")
        if n.target is torch._assert:
            return None  # what its author expects of shapes; those that pass are known
        if n.op == "call_module":
            self.check(str(n.target), self.fetch_attr(str(n.target)))
        result = super().run_node(n)
        if n.op != "output" and isinstance(result, torch.Tensor):
            if result.shape[:1] != (IMAGES,):
                raise _not_understood(n, "whose result is not one of each image")
            self.shapes[n.name] = tuple(result.shape[1:])
        elif not isinstance(result, torch.Tensor | int | torch.Size):
            raise _not_understood(n, "whose result is not a tensor")
        return result


class _Reading:
    """One walk over a traced graph, from operations of torch to nodes of ours."""

    def __init__(
        self, model: nn.Module, traced: fx.Graph, shapes: Shapes, only: Collection[type[nn.Module]] | None
    ) -> None:
        self.model, self.traced, self.shapes, self.only = model, traced, shapes, only
        self.nodes: dict[str, Node] = {}
        self.made: dict[str, str] = {}  # from a traced value to the node that makes it
        self.taken = {name for name, _ in model.named_modules()}

    def graph(self) -> Graph:
        *calls, output = self.traced.nodes
        for call in calls:
            if call.name in self.shapes:
                self._add(call)
        return Graph(tuple(self.nodes.values()), self.made[output.args[0].name])

    def _add(self, call: fx.Node) -> None:
        given = [a.name for a in (*call.args, *call.kwargs.values()) if isinstance(a, fx.Node)]
        inputs = tuple(self.made[name] for name in given if name in self.made)
        for module in self._modules(call, inputs):
            shape = self.shapes[call.name]
            if isinstance(module, nn.AdaptiveAvgPool2d) and len(shape) == 1:
                shape = (*shape, 1, 1)  # a mean that keeps no dimensions is flattened behind
            name = self._name(call)
            self.nodes[name] = Node(name, module, inputs, shape, _overwrites(call, module))
            inputs = (name,)
        self.made[call.name] = inputs[0]

    def _name(self, call: fx.Node) -> str:
        name = str(call.target) if call.op == "call_module" else call.name
        while name in self.nodes or (call.op != "call_module" and name in self.taken):
            name += "_"
        return name

    def _modules(self, call: fx.Node, inputs: tuple[str, ...]) -> list[nn.Module | None]:
        if call.op == "placeholder":
            return [None]
        if call.op == "call_module":
            return [self.model.get_submodule(str(call.target))]
        if call.target in SUMS:
            alike = all(self.nodes[name].shape == self.shapes[call.name] for name in inputs)
            if len(inputs) != 2 or call.kwargs.get("alpha", 1) != 1 or not alike:
                raise _not_understood(call, "which is no sum of two values of one shape")
            return [None]
        return list(self._as_modules(call, inputs))

    def _as_modules(self, call: fx.Node, inputs: tuple[str, ...]) -> list[nn.Module]:
        named = {key: value for key, value in call.kwargs.items() if key != "input"}
        try:
            modules = as_modules(call.target, call.args[1:], named)
        except (TypeError, ValueError):
            raise _not_understood(call) from None
        known = self.only is None or all(type(module) in self.only for module in modules)
        if len(inputs) != 1 or not known:
            raise _not_understood(call)
        flat = (prod(self.nodes[inputs[0]].shape),)
        if isinstance(modules[0], nn.Flatten) and self.shapes[call.name] != flat:
            raise _not_understood(call, "which is no flattening of each image")
        return [module.eval() for module in modules]


def _overwrites(call: fx.Node, module: nn.Module | None) -> bool:
    by_name = call.op == "call_method" and str(call.target).endswith("_")
    return by_name or call.target is operator.iadd or bool(getattr(module, "inplace", False))


def _not_understood(call: fx.Node, why: str = "") -> NotUnderstood:
    """The operation as the model's author would know it, and the module that it stands in."""
    stack = list(call.meta.get("nn_module_stack", {}).values())
    where = f"{stack[-1][0]} ({stack[-1][1].__name__}): " if stack else ""
    told = str(call.format_node()).split(" = ", 1)[-1]
    return NotUnderstood(f"{where}{told}{', ' + why + ',' if why else ''} is not understood")
