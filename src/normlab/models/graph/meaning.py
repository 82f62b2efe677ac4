"""What a call means: the modules that compute it, with the network's own parameters where it is given some."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from math import prod
from typing import Any, TypeGuard

import torch
from torch import fx, nn
from torch.nn import functional as F

from normlab.models.graph.choices import index_of, is_part
from normlab.models.graph.computed import Standing
from normlab.models.graph.dropping import DROPPING, asked
from normlab.models.graph.functions import DIFFERENCES, PRODUCTS, QUOTIENTS, SUMS, VALUE, as_modules
from normlab.models.graph.layouts import Layout, sizes, strides
from normlab.models.graph.legs import beside
from normlab.models.graph.nodes import Node
from normlab.models.graph.operations import Line, Moved, Piece, Power, Reshaped, Scaled, Spread
from normlab.models.graph.passed import SPREADING, Passed, is_function, picks_largest
from normlab.models.graph.planes import Beside
from normlab.models.graph.refusals import not_understood
from normlab.models.graph.weighted import WEIGHTED, as_weighted, seen_as

STATISTICS = ("running_mean", "running_var", "weight", "bias")
"""What batch norm's function is given, called as a module's own."""
PLANE = 3
"""Dimensions of an image's value that has channels, rows and columns."""


class Meaning:
    """Of the calls of a network of which it is known what `passed`; see `trace` for `only` and `computes`."""

    def __init__(
        self, model: nn.Module, passed: Passed, only: Collection[type[nn.Module]] | None, computes: bool
    ) -> None:
        self.model, self.passed, self.only, self.computes = model, passed, only, computes
        self.norms: dict[str, nn.Module] = {}  # by the name of the module that they are a part of
        self.standing: dict[Standing, nn.Parameter] = {}

    def modules(self, call: fx.Node, inputs: Sequence[Node], layout: Layout) -> list[nn.Module | None]:
        """The modules in a row that compute a call of these inputs, which lie so; None for the images and for a sum."""
        if call.op == "placeholder":
            return [None]
        if call.op == "call_module":
            return [self.model.get_submodule(str(call.target))]
        if call.target in SUMS | DIFFERENCES and len(inputs) > 1:
            if call.kwargs.get("alpha", 1) != 1 or len({node.shape for node in inputs}) > 1:
                raise not_understood(call, "which is no sum of two values of one shape")
            return [None]
        made = self._special(call, inputs, layout) or self._as_modules(call, inputs)
        for module in made:
            self.check(call, module)
        return [*made]

    def check(self, call: fx.Node, module: nn.Module) -> None:
        """Raise `NotUnderstood` where a call became a module that its reader does not know."""
        if self.only is not None and type(module) not in self.only:
            raise not_understood(call)

    def arguments(self, call: fx.Node) -> tuple[Any, Any]:
        """What a call is given by place and by name, with `VALUE` in the place of the network's tensors."""

        def known(argument: fx.Node) -> Any:
            if argument.name not in self.passed.shapes or argument.op == "get_attr":
                raise not_understood(call, f"which is given {argument.name}, a tensor that no module makes")
            return VALUE

        arguments, named = (fx.node.map_arg(given, known) for given in (call.args, call.kwargs))
        return arguments, named

    def _special(self, call: fx.Node, inputs: Sequence[Node], layout: Layout) -> list[nn.Module]:
        """The module of a call that is given more than values and numbers; none for others."""
        if is_part(call):
            return [self._part(call)]
        if call.target in DROPPING:
            return [self._dropout(call, inputs)]
        if call.target is F.batch_norm:
            return [self._batch_norm(call)]
        if call.target in WEIGHTED:
            return [self._weighted(call, inputs)]
        if any(self.passed.of_parameters(name) for name in read(call)):
            both = call.target is torch.addcmul
            return (self._moved_and_scaled if both else self._with_parameter)(call, inputs, layout)
        return []

    def _dropout(self, call: fx.Node, inputs: Sequence[Node]) -> nn.Module:
        """The layer that drops what a function does, which has to follow the network's mode."""
        arguments, named = self.arguments(call)
        _, found = asked(call.target, arguments, named)
        if found.training and not self.model.training:
            raise not_understood(call, "which goes on in eval mode")
        if found.unit == "channel" and len(inputs[0].shape) != PLANE:
            raise not_understood(call, "which drops channels of something else than planes")
        if self.model.training and not found.training:
            return nn.Identity()
        kind = nn.Dropout2d if found.unit == "channel" else nn.Dropout
        return kind(found.p, found.inplace).train(self.model.training)

    def _weighted(self, call: fx.Node, inputs: Sequence[Node]) -> nn.Module:
        """The module of a function that is given parameters; what else it is given has to be known."""

        def own(argument: fx.Node) -> Any:
            return self._weight(call, argument.name) if self.passed.of_parameters(argument.name) else VALUE

        arguments: Any = fx.node.map_arg(call.args, own)
        named: Any = fx.node.map_arg(call.kwargs, own)
        others = [*arguments[1:], *named.values()]
        try:
            if len(inputs) != 1 or VALUE in others:
                raise TypeError("it is given more than a value and parameters")
            made = as_weighted(call.target, arguments[1:], named)
        except (TypeError, ValueError, KeyError):
            raise not_understood(call) from None
        return made.train(self.model.training)

    def spread(self, call: fx.Node, tensor: fx.Node) -> tuple[nn.Parameter, tuple[int, ...], tuple[int, ...]]:
        """A parameter that is made as large as there are images, the shape that it is used in, and what it becomes."""
        own: Any = tensor.args[0] if is_function(tensor) and tensor.target in SPREADING else None
        if not isinstance(own, fx.Node) and tensor.name in self.passed.spread:  # laid otherwise after it was spread
            return *self._of_one_image(call, tensor.name), self.passed.computed[tensor.name]
        if not isinstance(own, fx.Node) or not self.passed.of_parameters(own.name):
            raise not_understood(call, "its use of a parameter outside the module that it belongs to")
        return *self._used(call, own.name), self.passed.computed[tensor.name]

    def _weight(self, call: fx.Node, name: str) -> nn.Parameter:
        """A parameter of the network's in its own shape, or one that stands for what is computed of parameters."""
        if name in self.passed.held:
            own, shape = self.passed.held[name]
            parameter = self.model.get_parameter(own)
            return parameter if parameter.shape == shape else self._stands(call, name, shape)
        return self._stands(call, name, self.passed.computed[name])

    def _used(self, call: fx.Node, name: str) -> tuple[nn.Parameter, tuple[int, ...]]:
        """As `_weight`, and the shape that it is used in, which may be another."""
        node = next((each for each in call.all_input_nodes if each.name == name), None)
        if node is not None and is_function(node) and node.target in SPREADING and name in self.passed.computed:
            return self.spread(call, node)[:2]
        if name in self.passed.held:
            own, shape = self.passed.held[name]
            return self.model.get_parameter(own), shape
        if name in self.passed.spread:
            return self._of_one_image(call, name)
        return self._weight(call, name), self.passed.computed[name]

    def _of_one_image(self, call: fx.Node, name: str) -> tuple[nn.Parameter, tuple[int, ...]]:
        """What stands for the first of what is the same for every image, and its shape."""
        return self._turned(call, name, "")

    def _turned(self, call: fx.Node, name: str, how: str) -> tuple[nn.Parameter, tuple[int, ...]]:
        """What stands for a parameter that something is made of, see `computed.HOW`, and its shape."""
        one = name in self.passed.spread
        shape = self.passed.held[name][1] if name in self.passed.held else self.passed.computed[name]
        shape = (1, *shape[1:]) if one else shape
        return self._stands(call, name, shape, (one, how)), shape

    def _stands(
        self, call: fx.Node, name: str, shape: tuple[int, ...], how: tuple[bool, str] = (False, "")
    ) -> nn.Parameter:
        if not self.computes:
            raise not_understood(call, "its use of a parameter outside the module that it belongs to")
        like = next(self.model.parameters())
        made = nn.Parameter(torch.empty(shape, dtype=like.dtype, device=like.device))
        return self.standing.setdefault((name, *how), made)

    def _batch_norm(self, call: fx.Node) -> nn.Module:
        """The norm whose statistics a function is given, whatever its class does beside."""
        places = ("input", *STATISTICS, "training", "momentum", "eps")
        given: dict[str, Any] = {**dict(zip(places, call.args, strict=False)), **call.kwargs}
        names = [str(each.target) if is_node(each, "get_attr") else "" for each in map(given.get, STATISTICS)]
        owner, _, _ = names[0].rpartition(".")
        module = self.model.get_submodule(owner)
        whole = all(name in ("", f"{owner}.{kind}") for name, kind in zip(names, STATISTICS, strict=True))
        kind = next((kind for kind in (nn.BatchNorm2d, nn.BatchNorm1d) if isinstance(module, kind)), None)
        momentum = getattr(module, "momentum", None)
        usual = given.get("training") == self.model.training and given.get("momentum") == momentum
        if not (names[0] and whole and kind and usual):
            raise not_understood(call, "which is no batch norm of a module with its own statistics")
        self.check(call, module)
        return self.norms.setdefault(owner, seen_as(module, kind))

    def _with_parameter(self, call: fx.Node, inputs: Sequence[Node], layout: Layout) -> list[nn.Module]:
        """A product or a sum with a parameter: one number, or one for each channel, row or column."""
        name = next(name for name in read(call) if self.passed.of_parameters(name))
        plain = call.target in PRODUCTS | SUMS | DIFFERENCES | QUOTIENTS and not call.kwargs
        if not plain or len(inputs) != 1 or self.passed.sizes[call.name] != sizes(layout):
            raise not_understood(call, "its use of a parameter outside the module that it belongs to")
        shifts, behind = call.target in SUMS | DIFFERENCES, getattr(call.args[1], "name", "") == name
        if call.target in PRODUCTS | SUMS:
            return [self.beside(call, name, layout, inputs[0].shape, shifts=shifts)]
        how = ("negative" if shifts else "reciprocal") if behind else ""
        made = self.beside(call, name, layout, inputs[0].shape, shifts=shifts, how=how)
        return [made] if behind else [Line(-1) if shifts else Power(-1), made]

    def _moved_and_scaled(self, call: fx.Node, inputs: Sequence[Node], layout: Layout) -> list[nn.Module]:
        """β + γ · x, of which β and γ are parameters."""
        own = [node.name for node in call.all_input_nodes if self.passed.of_parameters(node.name)]
        first, *others = call.args
        if len(inputs) != 1 or len(own) != 2 or len(others) != 2 or call.kwargs or getattr(first, "name", "") != own[0]:
            raise not_understood(call)
        shift, factor = own
        whole = inputs[0].shape
        return [self.beside(call, factor, layout, whole, shifts=False), self.beside(call, shift, layout, whole)]

    def beside(
        self, call: fx.Node, name: str, layout: Layout, whole: tuple[int, ...], *, shifts: bool = True, how: str = ""
    ) -> nn.Module:
        """What adds a parameter, or what `how` makes of it, to a value that lies so on a plane, or multiplies them."""
        if not self.passed.of_parameters(name):
            raise not_understood(call, f"which is given {name}, a tensor that no module makes")
        weight, shape = self._turned(call, name, how) if how else self._used(call, name)
        apart, legs = strides(shape, layout, whole), beside(shape, layout)
        if apart is None and (legs is None or len(whole) != PLANE):
            raise not_understood(call, "its use of a parameter outside the module that it belongs to")
        made = Beside(weight, legs or (), whole, shifts=shifts) if apart is None else _at(weight, apart, shifts)
        self.check(call, made)
        return made

    def _part(self, call: fx.Node) -> nn.Module:
        """One of the parts that something was cut into, which is a piece of that."""
        cut: Any = call.args[0]
        *before, part = index_of(call, self.passed)
        if len(before) != 1 or not isinstance(part, slice):
            raise not_understood(cut, "which cuts something else than channels")
        return Piece(part, *[slice(None)] * (len(self.passed.shapes[call.name]) - 1))

    def _as_modules(self, call: fx.Node, inputs: Sequence[Node]) -> list[nn.Module]:
        arguments, named = self.arguments(call)
        try:
            modules = as_modules(call.target, arguments, named)
        except (TypeError, ValueError, AttributeError, IndexError):
            raise not_understood(call) from None
        if not inputs:
            raise not_understood(call)
        if isinstance(modules[0], Spread):
            modules = [Spread(self.passed.shapes[call.name])]
        if isinstance(modules[0], nn.Flatten):
            modules = [self._reshaped(call, inputs)]
        return [module.eval() for module in modules]

    def _reshaped(self, call: fx.Node, inputs: Sequence[Node]) -> nn.Module:
        """What a change of shape is: nothing, the flattening of an image, or features that become channels."""
        before, after = inputs[0].shape, self.passed.shapes[call.name]
        if after == before:
            return nn.Identity()
        if after == (prod(before),):
            return nn.Flatten()
        if after[0] == prod(after) == prod(before):
            return Reshaped(after)
        raise not_understood(call, "which is no flattening of each image")


def _at(parameter: nn.Parameter, strides: Sequence[int], shifts: bool) -> nn.Module:
    return Moved(parameter, strides) if shifts else Scaled(parameter, strides)


def is_node(argument: Any, op: str) -> TypeGuard[fx.Node]:
    """Whether an argument of a call is what a call of a kind gave."""
    return isinstance(argument, fx.Node) and argument.op == op


def read(call: fx.Node) -> list[str]:
    """The names of the values that a call is given, one as often as it is; of a part, what it is part of."""
    if is_part(call) or picks_largest(call):
        return read(call.args[0])  # type: ignore[arg-type]  # what is cut is a call's
    names: list[str] = []
    fx.node.map_arg((call.args, call.kwargs), lambda node: names.append(node.name))
    return names
