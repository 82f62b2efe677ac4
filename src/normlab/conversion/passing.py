"""What passes through a network when an example does: the inputs of its modules, and norms called as functions.

Without an example the functions are looked for by torch.fx, as far as that can read the network.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import fx, nn
from torch.nn import functional as F
from torch.nn.modules import module as hooks
from torch.overrides import TorchFunctionMode

from normlab.errors import NetworkError

FUNCTIONS: dict[Any, str] = {
    **dict.fromkeys((F.batch_norm, torch.batch_norm, torch.native_batch_norm), "batch_norm"),
    **dict.fromkeys((F.instance_norm, torch.instance_norm), "instance_norm"),
    **dict.fromkeys((F.group_norm, torch.group_norm, torch.native_group_norm), "group_norm"),
    **dict.fromkeys((F.layer_norm, torch.layer_norm, torch.native_layer_norm), "layer_norm"),
    **dict.fromkeys((F.rms_norm, torch.rms_norm), "rms_norm"),
    F.local_response_norm: "local_response_norm",
}
"""Norms as functions, and what they are called."""


@dataclass(frozen=True)
class Passing:
    """What is known of a forward.

    Args:
        inputs: the shape of the first tensor that each module was given, by its path.
        functions: (path of the innermost module, name) of every norm that was called as a function.
        seen: whether the whole forward was seen, and not only the modules' names.
    """

    inputs: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    functions: tuple[tuple[str, str], ...] = ()
    seen: bool = True


def passing(model: nn.Module, example: Any | None) -> Passing:
    """What passes through a network; the network stays as it is.

    Args:
        example: a batch as the network takes it: a tensor, a tuple of its arguments or a mapping of named ones.

    Raises `NetworkError` where the network does not take the example.
    """
    return _traced(model) if example is None else _ran(model, example)


def _ran(model: nn.Module, example: Any) -> Passing:
    """In training mode, since some parts are only called then; in eval mode where that fails, as of one image."""
    said = ""
    for training in (True, False):
        copy = _copy(model).train(training)
        watch = _Watch(copy)
        try:
            with watch.watching(), torch.no_grad(), torch.random.fork_rng(devices=[]):
                _call(copy, example)
        except Exception as error:  # noqa: BLE001 - anybody's forward
            said = said or _told(error)
            continue
        return Passing(watch.inputs, tuple(dict.fromkeys(watch.functions)))
    raise NetworkError(f"the network does not take the example: {said}")


def _copy(model: nn.Module) -> nn.Module:
    try:
        return deepcopy(model)
    except Exception as error:  # noqa: BLE001 - anybody's modules
        raise NetworkError(f"the network cannot be copied, so no example can pass: {_told(error)}") from None


def _call(model: nn.Module, example: Any) -> None:
    if isinstance(example, Mapping):
        model(**example)
    else:
        model(*(example if isinstance(example, tuple | list) else (example,)))


class _Watch(TorchFunctionMode):
    """Notes what every module is given, and norms that are called as functions inside of it."""

    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        self.paths = {id(module): path for path, module in model.named_modules()}
        self.inside: list[str] = [""]
        self.inputs: dict[str, tuple[int, ...]] = {}
        self.functions: list[tuple[str, str]] = []

    @contextmanager
    def watching(self) -> Iterator[None]:
        handles = [
            hooks.register_module_forward_pre_hook(self._enter),
            hooks.register_module_forward_hook(self._leave, always_call=True),
        ]
        try:
            with self:
                yield
        finally:
            for handle in handles:
                handle.remove()

    def _enter(self, module: nn.Module, given: tuple[Any, ...]) -> None:
        path = self.paths.get(id(module), self.inside[-1])
        self.inside.append(path)
        first = next((value for value in given if isinstance(value, torch.Tensor)), None)
        if first is not None:
            self.inputs.setdefault(path, tuple(first.shape))

    def _leave(self, _module: nn.Module, _given: Any, _result: Any) -> None:
        self.inside.pop()

    def __torch_function__(
        self, func: Callable[..., Any], types: Any, args: Any = (), kwargs: Mapping[str, Any] | None = None
    ) -> Any:
        """See `TorchFunctionMode`."""
        if func in FUNCTIONS:
            self.functions.append((self.inside[-1], FUNCTIONS[func]))
        return func(*args, **(kwargs or {}))


def _traced(model: nn.Module) -> Passing:
    try:
        graph = fx.Tracer().trace(model)
    except Exception:  # noqa: BLE001 - a forward may do anything while it is traced
        return Passing(seen=False)
    found = [(_where(node), FUNCTIONS[node.target]) for node in graph.nodes if node.target in FUNCTIONS]
    return Passing(functions=tuple(dict.fromkeys(found)))


def _where(node: fx.Node) -> str:
    """The path of the innermost module that a node stands in."""
    stack = list(node.meta.get("nn_module_stack", {}).values())
    return str(stack[-1][0]) if stack else ""


def _told(error: Exception) -> str:
    return f"{type(error).__name__}: {(str(error).splitlines() or [''])[0]}"
