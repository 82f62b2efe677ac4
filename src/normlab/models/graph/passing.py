"""What a network calls, watched while images pass through it: torch.fx's tracer with a value behind every proxy.

A value has its shape, so a network may look at it as much as it likes: check it, compute sizes of it, choose by it.
What it may not do is to choose by the numbers in it.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Collection, Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import fx, nn

from normlab.errors import NetworkError
from normlab.models.graph.heads import LOOKED_INTO, opened, trouble
from normlab.models.graph.inherited import computes_as
from normlab.models.graph.libraries import is_asked_by, teach

IMAGES = 2
"""Images that pass: two, so that a reshape which mixes images is seen."""
Check = Callable[[str, nn.Module], None]
"""Told of each module, by its name, before it is run; raises `NetworkError` for one that its reader cannot take."""
CHANGING = {operator.iadd, operator.imul, operator.isub, operator.itruediv}
"""Operators that put their result in the place of what they read."""
DIVISIONS = {torch.chunk, torch.split, torch.unbind, "chunk", "split", "unbind"}
"""Functions and methods that cut a tensor into several, of which a network picks each by its number."""
CONSTANT = {"new_zeros", "new_ones", "new_full", "new_tensor"}
"""Methods whose result says nothing of what it is made beside."""
LARGEST = {torch.max, "max"}
"""What gives the largest along a dimension, and where they are."""
RESHAPING = {"view", "reshape", "unsqueeze", torch.reshape, torch.unsqueeze}
"""What a network does to a parameter of its own that leaves it the same numbers in the same order."""
SPREADING = {"expand", "expand_as", "repeat"}
"""What makes it as large as there are images."""
PERMUTING, SWAPPING = {"permute", torch.permute}, {"transpose", torch.transpose}
LAYING = PERMUTING | SWAPPING | {"contiguous"}


class NotUnderstood(NetworkError):
    """An operation that no node stands for."""


@dataclass
class Passed:
    """What was seen, by the name of the call that gave it.

    Attributes:
        shapes: of every tensor, without its first dimension, that of images in most.
        sizes: of all its dimensions.
        divided: the sizes of each part that a tensor was cut into.
        held: the name of a parameter that the network itself uses, and the shape that it is used in.
        computed: the shapes of constants, and of what is computed of them and of such parameters; none of what is no
            tensor.
        spread: which of these are as large as two images, and the same for both.
        constants: tensors that the network has and does not learn, by the name that they have in the graph.
    """

    shapes: dict[str, tuple[int, ...]] = field(default_factory=dict)
    sizes: dict[str, tuple[int, ...]] = field(default_factory=dict)
    divided: dict[str, list[tuple[int, ...]]] = field(default_factory=dict)
    held: dict[str, tuple[str, tuple[int, ...]]] = field(default_factory=dict)
    computed: dict[str, tuple[int, ...]] = field(default_factory=dict)
    spread: set[str] = field(default_factory=set)
    constants: dict[str, torch.Tensor] = field(default_factory=dict)

    def of_parameters(self, name: str) -> bool:
        """Whether a value does not depend on the images."""
        return name in self.held or name in self.computed


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
        args, kwargs = _plain(args), _plain(kwargs)
        proxy: Any = super().create_proxy(kind, target, args, kwargs, *others, **more)
        self._note_constants(proxy.node)
        self.passing, chance = True, torch.get_rng_state()
        try:
            proxy.value = self._value(proxy.node, args, kwargs)
        finally:
            self.passing = False
        self.chance = torch.get_rng_state()
        self.drawn = not torch.equal(chance, self.chance)
        self._note_spread(proxy.node, proxy.value)
        if self._noted(proxy.node, proxy.value):
            return proxy
        of_images = not all(self.passed.of_parameters(each.name) for each in proxy.node.all_input_nodes)
        self.graph.erase_node(proxy.node)
        first = target == "size" and tuple(args[1:]) == (0,)
        if not of_images:
            return proxy.value
        return Count(IMAGES) if first else _counted(proxy.value)

    def _value(self, node: fx.Node, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        given: Any = fx.node.map_aggregate(args, _seen)
        named: Any = fx.node.map_aggregate(kwargs, _seen)
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

    def _note_constants(self, node: fx.Node) -> None:
        """Note tensors that a call is given and that are no parameters; what may be another each time is none."""
        self.draws |= self.chance is not None and not torch.equal(self.chance, torch.get_rng_state())
        for each in node.all_input_nodes:
            name = str(each.target)
            if each.op != "get_attr" or self.passed.of_parameters(each.name) or each.name in self.passed.shapes:
                continue
            value = self._own(name)
            if isinstance(value, torch.Tensor) and value.dtype == self.images.dtype and not self.draws:
                self.passed.constants[name] = value
                self.passed.computed[each.name] = tuple(value.shape)
                if value.shape[:1] == (IMAGES,) and torch.equal(*value):
                    self.passed.spread.add(each.name)

    def _note_spread(self, node: fx.Node, value: Any) -> None:
        """Note what is made as large as there are images, and what only lays that otherwise, images first as before."""
        given = [each.name for each in node.all_input_nodes]
        if not given or not isinstance(value, torch.Tensor) or value.shape[:1] != (IMAGES,):
            return
        made = node.target in SPREADING and self.passed.computed.get(given[0], (1,))[:1] != (IMAGES,)
        order: Any = node.args[1] if len(node.args) == 2 and node.target in LAYING else node.args[1:]
        order = order if isinstance(order, tuple | list) else node.args[1:]
        kept = node.target in RESHAPING or (node.target in LAYING and _begins_with_images(node.target, order))
        kept |= node.op == "call_module" and torch.equal(*value)
        if all(map(self.passed.of_parameters, given)) and (made or (kept and given[0] in self.passed.spread)):
            self.passed.spread.add(node.name)

    def _own(self, path: str) -> Any:
        owner, _, name = path.rpartition(".")
        return getattr(self.root.get_submodule(owner), name, None)

    def _noted(self, node: fx.Node, value: Any) -> bool:
        """Note what a call gave; False where that is no tensor of the network."""
        if node.target is torch._assert or node.target in CONSTANT:
            return False
        if (parameter := self._held(node)) is not None:
            self.passed.held[node.name] = parameter, tuple(value.shape)
        elif self._computes(node) and isinstance(value, torch.Tensor | tuple | list):
            self.passed.computed[node.name] = tuple(getattr(value, "shape", ()))
        elif isinstance(value, torch.Tensor):
            self._passes(node, value)
        elif isinstance(value, tuple | list) and any(isinstance(each, torch.Tensor) for each in value):
            if not is_function(node) or node.target not in DIVISIONS | LARGEST:
                self.strange.append(not_understood(node, "whose result is not a tensor"))
            self.passed.divided[node.name] = [tuple(part.shape) for part in value]
        else:
            return False
        return True

    def _passes(self, node: fx.Node, value: torch.Tensor) -> None:
        """Note a tensor. A strange one is told of at the end: a choice by its numbers would be a fault of its own."""
        if node.target is operator.getitem and getattr(node.args[0], "target", None) in LARGEST and node.args[1] == 1:
            self.places.append(node)
            return
        if value.dtype != self.images.dtype:
            self.strange.append(not_understood(node, "whose result is of another kind of numbers"))
        self.passed.shapes[node.name] = tuple(value.shape[1:])
        self.passed.sizes[node.name] = tuple(value.shape)

    def _computes(self, node: fx.Node) -> bool:
        """Whether a call is given parameters and constants alone, leaves them as they are, and draws nothing."""
        given = node.all_input_nodes
        changes = overwrites(node) or bool(node.kwargs.get("inplace"))
        called = (is_function(node) or self._is_the_same(node)) and not (changes or self.drawn)
        own = [each for each in given if self.passed.of_parameters(each.name)]
        others = [each for each in given if each not in own]
        learns = bool(own) or (node.op == "call_module" and bool(others))
        return called and learns and all(self._picks(each) for each in others)

    def _is_the_same(self, node: fx.Node) -> bool:
        """Whether a module is called that has nothing but parameters, and neither modes nor what it overwrites."""
        if node.op != "call_module":
            return False
        module = self.root.get_submodule(str(node.target))
        own = any(True for found in (module.buffers(), module.children()) for _ in found)
        (source, *more) = node.all_input_nodes or [node]
        alone = source.op == "call_module" and len(source.users) == 1 and not more
        return not own and not hasattr(module, "p") and (alone or not getattr(module, "inplace", False))

    def _picks(self, node: fx.Node) -> bool:
        """Whether a node is whole numbers that the model has, so that they may be an index; they are noted."""
        if node.op != "get_attr":
            return False
        value = self._own(str(node.target))
        if not isinstance(value, torch.Tensor) or value.is_floating_point() or value.is_complex():
            return False
        self.passed.constants[str(node.target)] = value
        return True

    def _held(self, node: fx.Node) -> str | None:
        """The parameter that an operation gives, as it is or in another shape; None where it gives something else."""
        if node.op == "get_attr":
            return str(node.target)
        if (
            is_function(node)
            and node.target in RESHAPING
            and isinstance(node.args[0], fx.Node)
            and node.args[0].name in self.passed.held
        ):
            return self.passed.held[node.args[0].name][0]
        return None


def is_function(call: fx.Node) -> bool:
    """Whether a function or a method is called, and not a layer, which may have the name of one."""
    return call.op in ("call_function", "call_method")


def picks_largest(call: fx.Node) -> bool:
    """Whether a call picks the largest of what gives these and where they are."""
    return (
        call.target is operator.getitem and getattr(call.args[0], "target", None) in LARGEST and bool(call.args[1] == 0)
    )


def overwrites(call: fx.Node) -> bool:
    """Whether a call, by its name, puts its result in the place of what it reads first."""
    return (call.op == "call_method" and str(call.target).endswith("_")) or call.target in CHANGING


class Count(int):
    """How many images there are: a network may compute with it, and not choose by it, for it is another each time.

    einops compares sizes that it was given with those that it knows.
    """

    def _compared(self, other: object) -> bool:
        if isinstance(other, Count):
            return True
        if is_asked_by("einops"):
            return int(self) == other
        raise NotUnderstood(f"a choice by how many images there are, and whether they are {other}, is not understood")

    __eq__ = __le__ = __ge__ = _compared
    __hash__ = int.__hash__

    def _differs(self, other: object) -> bool:
        return not Count._compared(self, other)

    __ne__ = __lt__ = __gt__ = _differs


class Seen(fx.Proxy):
    """A proxy that knows its value: what is asked of it and is no tensor is answered at once."""

    value: Any = None

    def __getattr__(self, k: str) -> Any:
        found = getattr(self.value, k, None)
        found = found if self._of_parameters() else _counted(found)
        if found is None or callable(found) or isinstance(found, torch.Tensor):
            return super().__getattr__(k)
        return found

    def __len__(self) -> int:
        images = isinstance(self.value, torch.Tensor) and not self._of_parameters()
        return Count(IMAGES) if images else len(self.value)

    def _of_parameters(self) -> bool:
        tracer: Any = self.tracer
        found: bool = tracer.passed.of_parameters(self.node.name)
        return found

    def __iter__(self) -> Iterator[Any]:
        """The parts of what was cut, or of a tensor's first dimension, which are as many as are there."""
        if not isinstance(self.value, tuple | list | torch.Tensor) or not len(self.value):
            raise not_understood(self.node, "which is gone through one by one")
        return (operator.getitem(self, k) for k in range(len(self.value)))


def _counted(value: Any) -> Any:
    """A shape that begins with how many images there are."""
    return (Count(IMAGES), *value[1:]) if isinstance(value, torch.Size) and value[:1] == (IMAGES,) else value


def _begins_with_images(target: Any, order: Sequence[int]) -> bool:
    """Whether what gives dimensions another order leaves the first one where it is."""
    return 0 not in order if target in SWAPPING else target not in PERMUTING or order[0] == 0


def _plain(given: Any) -> Any:
    return fx.node.map_aggregate(given, lambda each: int(each) if isinstance(each, Count) else each)


def _seen(argument: Any) -> Any:
    """The value of an argument."""
    if isinstance(argument, Seen):
        return argument.value
    if isinstance(argument, fx.proxy.Attribute):
        return getattr(_seen(argument.root), argument.attr)
    return argument


def not_understood(call: fx.Node, why: str = "") -> NotUnderstood:
    """The operation as the model's author would know it, and the module that it stands in."""
    stack = list(call.meta.get("nn_module_stack", {}).values())
    where = f"{stack[-1][0]} ({stack[-1][1].__name__}): " if stack else ""
    told = str(call.format_node()).split(" = ", 1)[-1]
    return NotUnderstood(f"{where}{told}{', ' + why + ',' if why else ''} is not understood")
