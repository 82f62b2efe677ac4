"""A network as the operations it consists of, in order, with what each reads and the shapes that pass.

Sequential and residual networks are understood; functions (`relu`, `x + y`, `x.flatten(1)`, …) become the modules that
compute the same, so that whoever walks over the nodes has one vocabulary: `UNDERSTOOD`.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass, replace
from math import prod
from typing import Any

import torch
from torch import fx, nn
from torch.nn import functional as F

from normlab.errors import NetworkError
from normlab.norms.layer_c import LayerNormChannels
from normlab.norms.rms import RMSNormImage

CONVOLUTIONS = (nn.Conv2d, nn.Linear)
NORMS = (nn.BatchNorm2d, nn.GroupNorm, nn.InstanceNorm2d, nn.LayerNorm, LayerNormChannels, RMSNormImage)
POOLS = (nn.MaxPool2d, nn.AvgPool2d, nn.AdaptiveAvgPool2d)
IDENTITIES = (nn.Identity, nn.Dropout, nn.Dropout2d)
"""What changes nothing in eval mode."""
UNDERSTOOD = (*CONVOLUTIONS, *NORMS, nn.ReLU, *POOLS, *IDENTITIES, nn.Flatten, nn.LogSoftmax, nn.Softmax)
"""The modules that nodes may have. A subclass may compute something else, so it is not understood."""
IMAGES = 2
"""Images that shapes are found with: two, so that a reshape which mixes images is seen."""


@dataclass(frozen=True)
class Node:
    """One operation.

    Args:
        name: the module's dotted name in the model; a name of its own for a function.
        module: None for the network's input (which reads nothing) and for a sum (which reads two values).
        inputs: the names of the nodes that it reads.
        shape: of its result for one image, (C, H, W) or (features,).
    """

    name: str
    module: nn.Module | None
    inputs: tuple[str, ...]
    shape: tuple[int, ...]

    @property
    def is_sum(self) -> bool:
        """Whether it adds its two inputs."""
        return self.module is None and len(self.inputs) == 2


@dataclass(frozen=True)
class Graph:
    """The nodes, each behind those that it reads, and the name of the one that is the network's output."""

    nodes: tuple[Node, ...]
    output: str

    def __iter__(self) -> Iterator[Node]:
        return iter(self.nodes)

    def __getitem__(self, name: str) -> Node:
        return next(node for node in self.nodes if node.name == name)

    def readers(self, name: str) -> list[Node]:
        """The nodes that read a node's result."""
        return [node for node in self.nodes if name in node.inputs]


def read(model: nn.Module, shape: tuple[int, ...]) -> Graph:
    """The graph of a network for images of (C, H, W), in eval mode.

    The nodes' modules are copies on the CPU; the model stays as it is. What cannot reach the output is left out.

    Raises:
        NetworkError: something in it is not understood; it is named, and what is understood is said.
    """
    model = deepcopy(model).cpu().eval()
    tracer = _Tracer()
    try:
        graph = fx.GraphModule(model, tracer.trace(model))
        shapes = _Shapes(graph)
        with torch.no_grad():
            shapes.run(torch.zeros(IMAGES, *shape, dtype=next(model.parameters(), torch.zeros(())).dtype))
    except NetworkError as error:
        raise NetworkError(str(error).splitlines()[0]) from None  # the interpreter adds lines of its own
    except Exception as error:  # noqa: BLE001 - a model may do anything while it is traced
        said = (str(error).splitlines() or [type(error).__name__])[0]
        raise NetworkError(f"{tracer.inside or type(model).__name__} cannot be read: {said}; {_WAY_OUT}") from None
    return reaching(_Reading(graph, shapes.found).graph())


class _Tracer(fx.Tracer):
    """Stops at modules of torch and at those understood; remembers the last module that it went into."""

    inside = ""

    def is_leaf_module(self, m: nn.Module, module_qualified_name: str) -> bool:
        return type(m) in UNDERSTOOD or super().is_leaf_module(m, module_qualified_name)

    def call_module(
        self, m: nn.Module, forward: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> Any:
        self.inside = f"{self.path_of_module(m)} ({type(m).__name__})"
        return super().call_module(m, forward, args, kwargs)


class _Shapes(fx.Interpreter):
    """Runs a graph once and notes the shape of every tensor, without the images' dimension.

    Sizes that a model reads off a tensor are no operations.
    """

    def __init__(self, graph: fx.GraphModule) -> None:
        super().__init__(graph)
        self.found: dict[str, tuple[int, ...]] = {}

    def run_node(self, n: fx.Node) -> Any:
        """See `fx.Interpreter.run_node`."""
        if n.op == "get_attr":
            raise _not_understood(n, "its use of a parameter or buffer outside the module that it belongs to")
        if n.op == "call_module":
            _check(str(n.target), self.fetch_attr(str(n.target)))
        result = super().run_node(n)
        if n.op != "output" and isinstance(result, torch.Tensor):
            if result.shape[:1] != (IMAGES,):
                raise _not_understood(n, "whose result is not one of each image")
            self.found[n.name] = tuple(result.shape[1:])
        elif not isinstance(result, torch.Tensor | int | torch.Size):
            raise _not_understood(n, "whose result is not a tensor")
        return result


class _Reading:
    """One walk over a traced graph, from operations of torch to nodes of ours."""

    def __init__(self, traced: fx.GraphModule, shapes: dict[str, tuple[int, ...]]) -> None:
        self.traced, self.shapes = traced, shapes
        self.nodes: list[Node] = []
        self.now: dict[str, str] = {}  # from a traced value to the node that holds it; overwriting changes it
        self.taken = {name for name, _ in traced.named_modules()}

    def graph(self) -> Graph:
        for traced in self.traced.graph.nodes:
            if traced.op == "output":
                return Graph(tuple(self.nodes), self.now[traced.args[0].name])
            if traced.name in self.shapes:
                self._add(traced)
        raise NetworkError("the network gives nothing")

    def _add(self, traced: fx.Node) -> None:
        given = [a.name for a in (*traced.args, *traced.kwargs.values()) if isinstance(a, fx.Node)]
        inputs = tuple(self.now[name] for name in given if name in self.now)
        for module in self._modules(traced, inputs):
            shape = self.shapes[traced.name]
            if isinstance(module, nn.AdaptiveAvgPool2d) and len(shape) == 1:
                shape = (*shape, 1, 1)  # a mean that keeps no dimensions is flattened behind
            self.nodes.append(Node(self._name(traced), module, inputs, shape))
            inputs = (self.nodes[-1].name,)
        self.now[traced.name] = self.nodes[-1].name
        if _overwrites(traced, self.nodes[-1]):
            self.now[given[0]] = self.nodes[-1].name

    def _name(self, traced: fx.Node) -> str:
        name = str(traced.target) if traced.op == "call_module" else traced.name
        while name in {node.name for node in self.nodes} or (traced.op != "call_module" and name in self.taken):
            name += "_"
        return name

    def _modules(self, traced: fx.Node, inputs: tuple[str, ...]) -> list[nn.Module | None]:
        if traced.op == "placeholder":
            return [None]
        if traced.op == "call_module":
            return [self._own(str(traced.target))]
        if traced.target in SUMS:
            if len(inputs) != 2 or traced.kwargs.get("alpha", 1) != 1 or not self._alike(traced, inputs):
                raise _not_understood(traced, "which is no sum of two values of one shape")
            return [None]
        return list(self._as_modules(traced, inputs))

    def _own(self, name: str) -> nn.Module:
        module = self.traced.get_submodule(name)
        if name in {node.name for node in self.nodes} and any(True for _ in module.parameters()):
            raise NetworkError(f"{name} ({type(module).__name__}) is used twice: shared weights are not understood")
        return module

    def _alike(self, traced: fx.Node, inputs: tuple[str, ...]) -> bool:
        return all(node.shape == self.shapes[traced.name] for node in self.nodes if node.name in inputs)

    def _as_modules(self, traced: fx.Node, inputs: tuple[str, ...]) -> list[nn.Module]:
        make = FUNCTIONS.get(traced.target)
        if make is None or len(inputs) != 1:
            raise _not_understood(traced)
        before = next(node.shape for node in self.nodes if node.name == inputs[0])
        try:
            modules = make(*traced.args[1:], **{k: v for k, v in traced.kwargs.items() if k != "input"})
        except (TypeError, ValueError):
            raise _not_understood(traced) from None
        if make is _flatten and self.shapes[traced.name] != (prod(before),):
            raise _not_understood(traced, "which is no flattening of each image")
        return [module.eval() for module in modules]


def _check(name: str, module: nn.Module) -> None:
    """That a module computes what its class says, and in a way that every reader of a graph knows."""
    told = f"{name} ({type(module).__name__})"
    if type(module) not in UNDERSTOOD:
        raise NetworkError(f"{told} is not understood; {_WAY_OUT}")
    if module._forward_hooks or module._forward_pre_hooks:
        raise NetworkError(f"{told} has hooks, which may compute anything: remove them first")
    fault = next((fault for kind, fits, fault in LIMITS if isinstance(module, kind) and not fits(module)), None)
    if fault:
        raise NetworkError(f"{told} {fault}")


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


def _relu(inplace: bool = False) -> list[nn.Module]:
    return [nn.ReLU(inplace)]


def _flatten(*_sizes: Any, **_dims: Any) -> list[nn.Module]:
    return [nn.Flatten()]  # whether it is one is seen by its shapes


def _mean(dim: Any = None, keepdim: bool = False) -> list[nn.Module]:
    if not isinstance(dim, tuple | list) or {d % 4 for d in dim} != {2, 3}:
        raise ValueError("a mean over something else than height and width")
    return [nn.AdaptiveAvgPool2d(1), *([] if keepdim else [nn.Flatten()])]


def _max_pool(
    kernel_size: Any, stride: Any = None, padding: Any = 0, dilation: Any = 1, **others: Any
) -> list[nn.Module]:
    return [nn.MaxPool2d(kernel_size, stride, padding, dilation, **others)]


def _avg_pool(*settings: Any, **others: Any) -> list[nn.Module]:
    return [nn.AvgPool2d(*settings, **others)]


def _adaptive(output_size: Any) -> list[nn.Module]:
    return [nn.AdaptiveAvgPool2d(output_size)]


def _dropout(p: float = 0.5, training: bool = True, inplace: bool = False) -> list[nn.Module]:
    if training:
        raise ValueError("dropout that goes on in eval mode")
    return [nn.Dropout(p, inplace)]


def _log_softmax(dim: int, **_others: Any) -> list[nn.Module]:
    return [nn.LogSoftmax(dim)]


def _softmax(dim: int, **_others: Any) -> list[nn.Module]:
    return [nn.Softmax(dim)]


SUMS = {operator.add, operator.iadd, torch.add, "add", "add_"}
FUNCTIONS: dict[Any, Callable[..., list[nn.Module]]] = {
    **dict.fromkeys((F.relu, torch.relu, "relu", "relu_"), _relu),
    **dict.fromkeys((torch.flatten, "flatten", "view", "reshape"), _flatten),
    **dict.fromkeys((torch.mean, "mean"), _mean),
    **dict.fromkeys((F.max_pool2d, torch.max_pool2d), _max_pool),
    F.avg_pool2d: _avg_pool,
    F.adaptive_avg_pool2d: _adaptive,
    F.dropout: _dropout,
    **dict.fromkeys((F.log_softmax, torch.log_softmax, "log_softmax"), _log_softmax),
    **dict.fromkeys((F.softmax, torch.softmax, "softmax"), _softmax),
}
"""By function, or by the name of a tensor's method: from the arguments behind the tensor to modules in a row."""

_NAMES = ", ".join(kind.__name__ for kind in UNDERSTOOD)
_WAY_OUT = f"understood are {_NAMES}, and relu, sums, flatten, pools and the mean over positions as functions"


def _overwrites(traced: fx.Node, node: Node) -> bool:
    by_name = traced.op == "call_method" and str(traced.target).endswith("_")
    return by_name or traced.target is operator.iadd or bool(getattr(node.module, "inplace", False))


def _not_understood(traced: fx.Node, why: str = "") -> NetworkError:
    """The operation as the model's author would know it, and the module that it stands in."""
    stack = list(traced.meta.get("nn_module_stack", {}).values())
    where = f"{stack[-1][0]} ({stack[-1][1].__name__}): " if stack else ""
    told = str(traced.format_node()).split(" = ", 1)[-1]
    return NetworkError(f"{where}{told}{', ' + why + ',' if why else ''} is not understood; {_WAY_OUT}")


def reaching(graph: Graph) -> Graph:
    """The graph without the nodes that cannot reach its output; the network's input stays."""
    wanted = {graph.output}
    for node in reversed(graph.nodes):
        if node.name in wanted:
            wanted.update(node.inputs)
    return Graph(tuple(node for node in graph if node.name in wanted or not (node.module or node.inputs)), graph.output)


def renamed(graph: Graph, names: dict[str, str]) -> Graph:
    """The graph with each read of a key of `names` replaced by one of its value; nodes that are keys are left out."""

    def last(name: str) -> str:
        return last(names[name]) if name in names else name

    kept = (node for node in graph if node.name not in names)
    nodes = tuple(replace(node, inputs=tuple(map(last, node.inputs))) for node in kept)
    return Graph(nodes, last(graph.output))
