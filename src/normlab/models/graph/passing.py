"""What a network calls, watched while images pass through it: torch.fx's tracer with a value behind every proxy.

A value has its shape, so a network may look at it as much as it likes: check it, compute sizes of it, choose by it.
What it may not do is to choose by the numbers in it.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Collection
from copy import deepcopy
from typing import Any

import torch
from torch import fx, nn

from normlab.models.graph.aside import Aside
from normlab.models.graph.heads import LOOKED_INTO, opened, trouble
from normlab.models.graph.inherited import computes_as
from normlab.models.graph.libraries import teach
from normlab.models.graph.passed import DIVISIONS, MAXIMA, Passed, is_function
from normlab.models.graph.refusals import NotUnderstood, not_understood
from normlab.models.graph.seen import IMAGES, Count, Seen, counted, plain, value_of

Check = Callable[[str, nn.Module], None]
"""Told of each module, by its name, before it is run; raises `NetworkError` for one that its reader cannot take."""
CONSTANT = {"new_zeros", "new_ones", "new_full", "new_tensor"}
"""Methods whose result says nothing of what it is made beside."""


class Watching(fx.Tracer):
    """Traces a copy of a model while images of (C, H, W) pass, in the mode that it is in.

    It stops at modules of torch and at those that are `whole`; `inside` is the last module that it went into.
    """

    def __init__(self, whole: Collection[type[nn.Module]], shape: tuple[int, ...], check: Check) -> None:
        super().__init__()
        self.whole, self.shape, self.check, self.inside = whole, shape, check, ""
        self.passed, self.passing = Passed(), False
        self.drawn = False  # whether the last call drew from torch's generator
        self.chance: torch.Tensor | None = None  # that generator's state after the last call
        self.draws = False  # whether the network drew from it by itself, so that what looks constant may not be
        self.strange: list[NotUnderstood] = []
        self.places: list[fx.Node] = []  # where the largest are, which nobody may read

    def watch(self, model: nn.Module) -> fx.Graph:
        """What the model calls; the model stays as it is, and so does chance."""
        teach(Seen)
        copy = opened(deepcopy(model))
        like = next(copy.parameters(), torch.zeros(()))
        self.images = torch.zeros(IMAGES, *self.shape, dtype=like.dtype, device=like.device)
        self.aside = Aside(self.passed, copy, like.dtype)
        with torch.no_grad(), torch.random.fork_rng(devices=[]):
            try:
                traced = self.trace(copy)
            except Exception as error:  # a model may do anything, and what was strange before may be why
                if self.strange and "control flow" not in str(error):
                    raise self.strange[0] from None
                raise
        self.strange += [not_understood(node, "which is where the largest are") for node in self.places if node.users]
        if self.strange:
            raise self.strange[0]
        return traced

    def is_leaf_module(self, m: nn.Module, module_qualified_name: str) -> bool:
        """See `fx.Tracer`."""
        if type(m).__module__.startswith("torch.nn.utils.") or type(m) in LOOKED_INTO:
            return False  # what computes the weights of a layer, a layer with such weights, and what is made of layers
        return computes_as(m, self.whole) is not None or super().is_leaf_module(m, module_qualified_name)

    def call_module(
        self, m: nn.Module, forward: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> Any:
        """See `fx.Tracer`."""
        if self.passing:
            return forward(*args, **kwargs)
        self.inside = f"{self.path_of_module(m)} ({type(m).__name__})"
        return super().call_module(m, forward, args, kwargs)

    def getattr(self, attr: str, attr_val: Any, parameter_proxy_cache: dict[str, Any]) -> Any:
        """See `fx.Tracer`; a module through which values pass reads its own parameters."""
        return attr_val if self.passing else super().getattr(attr, attr_val, parameter_proxy_cache)

    def proxy(self, node: fx.Node) -> Seen:
        """See `fx.Tracer`."""
        return Seen(node, self)

    def create_proxy(
        self, kind: str, target: Any, args: tuple[Any, ...], kwargs: dict[str, Any], *others: Any, **more: Any
    ) -> Any:
        """See `fx.Tracer`; what is no tensor is known, and no proxy stands for it."""
        args, kwargs = plain(args), plain(kwargs)
        proxy: Any = super().create_proxy(kind, target, args, kwargs, *others, **more)
        self._look_for_draws()
        if not self.draws:
            self.aside.note_constants(proxy.node)
        self.passing, chance = True, torch.get_rng_state()
        try:
            proxy.value = self._value(proxy.node, args, kwargs)
        finally:
            self.passing = False
        self.chance = torch.get_rng_state()
        self.drawn = not torch.equal(chance, self.chance)
        self.aside.note_spread(proxy.node, proxy.value)
        if self._noted(proxy.node, proxy.value):
            return proxy
        of_images = not all(self.passed.of_parameters(each.name) for each in proxy.node.all_input_nodes)
        self.graph.erase_node(proxy.node)
        first = target == "size" and tuple(args[1:]) == (0,)
        if not of_images:
            return proxy.value
        return Count(IMAGES) if first else counted(proxy.value)

    def _look_for_draws(self) -> None:
        """Note whether the network drew from torch's generator since the last call."""
        self.draws |= self.chance is not None and not torch.equal(self.chance, torch.get_rng_state())

    def _value(self, node: fx.Node, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        given: Any = fx.node.map_aggregate(args, value_of)
        named: Any = fx.node.map_aggregate(kwargs, value_of)
        target: Any = node.target
        if node.op == "placeholder":
            return self._given(node, given)
        if node.op == "get_attr":
            return self.root.get_parameter(str(node.target))
        if node.op == "call_method":
            return getattr(given[0], target)(*given[1:], **named)
        if node.op == "call_function":
            return target(*given, **named)
        return self._called(node, *given, **named)

    def _given(self, node: fx.Node, default: tuple[Any, ...]) -> Any:
        """Images for the first argument; for others what they are where nobody says."""
        if len(self.graph.nodes) == 1:
            return self.images
        unnamed: dict[str, Any] = {"**": {}, "*": ()}
        told = next((value for stars, value in unnamed.items() if str(node.target).startswith(stars)), None)
        return default[0] if default else told

    def _called(self, node: fx.Node, *given: Any, **named: Any) -> Any:
        """What a module gives in eval mode, in which it keeps no statistics."""
        module = self.root.get_submodule(str(node.target))
        if type(module) is nn.MultiheadAttention:
            raise NotUnderstood(f"{node.target} (MultiheadAttention) {trouble(module)}")
        self.check(str(node.target), module)
        was = [(each, each.training) for each in module.modules()]
        try:
            return module.eval()(*given, **named)
        finally:
            for each, training in was:
                each.training = training

    def _noted(self, node: fx.Node, value: Any) -> bool:
        """Note what a call gave; False where that is no tensor of the network."""
        if node.target is torch._assert or node.target in CONSTANT:
            return False
        if (parameter := self.aside.held(node)) is not None:
            self.passed.held[node.name] = parameter, tuple(value.shape)
        elif not self.drawn and isinstance(value, torch.Tensor | tuple | list) and self.aside.computes(node):
            self.passed.computed[node.name] = tuple(getattr(value, "shape", ()))
        elif isinstance(value, torch.Tensor):
            self._passes(node, value)
        elif isinstance(value, tuple | list) and any(isinstance(each, torch.Tensor) for each in value):
            if not is_function(node) or node.target not in DIVISIONS | MAXIMA:
                self.strange.append(not_understood(node, "whose result is not a tensor"))
            self.passed.divided[node.name] = [tuple(part.shape) for part in value]
        else:
            return False
        return True

    def _passes(self, node: fx.Node, value: torch.Tensor) -> None:
        """Note a tensor. A strange one is told of at the end: a choice by its numbers would be a fault of its own."""
        if node.target is operator.getitem and getattr(node.args[0], "target", None) in MAXIMA and node.args[1] == 1:
            self.places.append(node)
            return
        if value.dtype != self.images.dtype:
            self.strange.append(not_understood(node, "whose result is of another kind of numbers"))
        self.passed.shapes[node.name] = tuple(value.shape[1:])
        self.passed.sizes[node.name] = tuple(value.shape)
