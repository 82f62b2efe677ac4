"""A walk over what a network calls: the nodes so far, how each value lies, and what lays one otherwise."""

from __future__ import annotations

from collections.abc import Collection

from torch import fx, nn

from normlab.models.graph import layouts
from normlab.models.graph.layouts import Layout, usual
from normlab.models.graph.legs import Arrangement, Leg, arranged, places_of, together
from normlab.models.graph.meaning import PLANE, Meaning
from normlab.models.graph.nodes import Node
from normlab.models.graph.passed import Passed, overwrites
from normlab.models.graph.planes import Arranged
from normlab.models.graph.refusals import not_understood
from normlab.models.graph.seen import IMAGES

Laid = tuple[str, Layout]
"""The node that makes a value, and how it lies."""


class Walk:
    """What is known of a traced network when some of its calls are read; see `trace`."""

    def __init__(
        self, model: nn.Module, passed: Passed, only: Collection[type[nn.Module]] | None, computes: bool
    ) -> None:
        self.model, self.passed, self.meaning = model, passed, Meaning(model, passed, only, computes)
        self.nodes: dict[str, Node] = {}
        self.made: dict[str, Laid] = {}  # by the traced value
        self.taken = {name for name, _ in model.named_modules()}

    def is_usual(self, name: str, layout: Layout) -> bool:
        """Whether a value lies as images do."""
        return layout == usual(self.nodes[name].shape, IMAGES)

    def layer(self, call: fx.Node) -> nn.Module | None:
        """The module that a call calls; None for a function."""
        return self.model.get_submodule(str(call.target)) if call.op == "call_module" else None

    def flattens(self, call: fx.Node) -> bool:
        """Whether a call is a layer that lays values otherwise."""
        return type(self.layer(call)) in (nn.Flatten, nn.Unflatten)

    def of_images(self, call: fx.Node, inputs: list[str]) -> Laid:
        """What a call makes of values that lie as images do."""
        if not inputs and call.op != "placeholder":
            raise not_understood(call, "which is given nothing that was made of images")
        layout = usual(self.nodes[inputs[0]].shape, IMAGES) if inputs else ()
        for module in self.meaning.modules(call, [self.nodes[name] for name in inputs], layout):
            shape = self.passed.shapes[call.name]
            if isinstance(module, nn.AdaptiveAvgPool2d | nn.AdaptiveMaxPool2d) and len(shape) == 1:
                shape = (*shape, 1, 1)  # one that keeps no dimensions is flattened behind
            inputs = [self.node(call, module, inputs, shape)]
        if self.passed.sizes[call.name][:1] != (IMAGES,):
            raise not_understood(call, "whose result is not one of each image")
        return inputs[0], usual(self.nodes[inputs[0]].shape, IMAGES)

    def as_images(self, call: fx.Node, value: Laid) -> Laid:
        """A call's value as images or features lie, copied where it does not."""
        name, layout = value
        if self.is_usual(name, layout):
            return value
        if not layouts.of_each_image(layout):
            raise not_understood(call, "whose result is not one of each image")
        if len(layout) not in (2, PLANE + 1):
            raise not_understood(call, "which is no flattening of each image")
        return self.copied(call, name, arranged(layout, range(len(layout))))

    def apart(self, call: fx.Node, value: Laid) -> Laid:
        """A value copied so that each of its dimensions has a place of its own."""
        name, layout = value
        places = places_of(layout, self.nodes[name].shape)
        if not layouts.of_each_image(layout) or places is None:
            raise not_understood(call, "which is given values that do not lie as (images, channels, rows, columns)")
        return self.copied(call, name, arranged(layout, places), whole=True)

    def alike(self, call: fx.Node, one: Laid, other: Laid, *, thin: bool) -> Laid:
        """Another value, copied to where the first one lies if it lies in another way.

        Where `thin` ones do, it may have one number for some of what the first has many for.
        """
        (name, layout), (other_name, lies) = one, other
        shape = self.nodes[name].shape
        fits = len(lies) == len(layout) and all(a in (b, ()) for a, b in zip(lies, layout, strict=True))
        if lies == layout or (thin and fits):
            return other
        legs = self._between(lies, layout) if len(shape) in (1, PLANE) else None
        if legs is None:
            raise not_understood(call, "which is given values that lie in different ways")
        channels, rows, columns = (*shape, 1, 1)[:PLANE]
        how = Arrangement(tuple(legs), (0, 0, 0), (channels, rows, columns), layout)
        return self.copied(call, other_name, how)

    def _between(self, lies: Layout, layout: Layout) -> list[Leg] | None:
        """From where a value lies to another layout, dimension by dimension; one index is spread over many."""
        legs = list[Leg]()
        if len(lies) != len(layout) or layouts.with_images(lies) != layouts.with_images(layout):
            return None
        for dims in zip(lies, layout, strict=True):
            before, after = ([axis for axis in dim if axis.place] for dim in dims)
            if (found := together(before or None, after)) is None:
                return None
            legs += found
        return legs

    def copied(self, call: fx.Node, name: str, how: Arrangement, *, whole: bool = False) -> Laid:
        """A node that copies a value, or a part of one; with `whole` to a plane also where there are features alone."""
        module = Arranged(how.legs, how.start, self.nodes[name].shape, how.shape)
        self.meaning.check(call, module)
        features = len(how.layout) == 2 and how.shape[1:] == (1, 1) and not whole
        shape = how.shape[:1] if features else how.shape
        return self.node(call, module, [name], shape, copy=True), how.layout

    def each(self, call: fx.Node, module: nn.Module, value: Laid) -> Laid:
        """What a module makes of each number of a value."""
        name, layout = value
        self.meaning.check(call, module)
        return self.node(call, module, [name], self.nodes[name].shape, copy=True), layout

    def node(
        self, call: fx.Node, module: nn.Module | None, inputs: list[str], shape: tuple[int, ...], copy: bool = False
    ) -> str:
        """A new node, by the call's name; a `copy` leaves what it reads as it is, whatever the call does."""
        name = self._name(call)
        self.nodes[name] = Node(name, module, tuple(inputs), shape, not copy and _overwrites(call, module))
        return name

    def _name(self, call: fx.Node) -> str:
        name = str(call.target) if call.op == "call_module" else call.name
        while name in self.nodes or (call.op != "call_module" and name in self.taken):
            name += "_"
        return name


def _overwrites(call: fx.Node, module: nn.Module | None) -> bool:
    return overwrites(call) or bool(getattr(module, "inplace", False))
