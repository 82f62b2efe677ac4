"""From calls of torch to nodes of ours: one walk over what a network calls."""

from __future__ import annotations

import operator
from collections.abc import Collection

from torch import fx, nn

from normlab.models.graph import layouts
from normlab.models.graph.attention import ATTENTION, PRODUCTS, factor, multiplied
from normlab.models.graph.choices import chosen, index_of, is_part
from normlab.models.graph.computed import computed
from normlab.models.graph.functions import DIFFERENCES
from normlab.models.graph.layouts import MEANS, MOVING, Layout, laid, over_channels, over_positions, usual
from normlab.models.graph.legs import Arrangement, arranged, compact, together
from normlab.models.graph.meaning import PLANE, Meaning, read
from normlab.models.graph.nodes import Graph, Node
from normlab.models.graph.operations import Line
from normlab.models.graph.passing import IMAGES, NotUnderstood, Passed, not_understood, overwrites
from normlab.models.graph.planes import Arranged, Contracted

Laid = tuple[str, Layout]
"""The node that makes a value, and how it lies."""


class Reading:
    """The walk over a traced graph; see `trace`."""

    def __init__(
        self,
        model: nn.Module,
        traced: fx.Graph,
        passed: Passed,
        only: Collection[type[nn.Module]] | None,
        computes: bool,
    ) -> None:
        self.model, self.traced, self.passed = model, traced, passed
        self.meaning = Meaning(model, passed, only, computes)
        self.nodes: dict[str, Node] = {}
        self.made: dict[str, Laid] = {}  # by the traced value
        self.taken = {name for name, _ in model.named_modules()}

    def graph(self) -> Graph:
        """The nodes of all calls, and which is the network's output."""
        *calls, output = self.traced.nodes
        for call in calls:
            if call.name in self.passed.shapes:
                self.made[call.name] = self._add(call)
        (result,) = output.args
        if not isinstance(result, fx.Node) or result.name not in self.made:
            raise not_understood(output, "which is more than one tensor")
        last, _ = self._as_images(result, self.made[result.name])
        standing = self.meaning.standing
        of_parameters = computed(self.model, self.traced, standing) if standing else None
        return Graph(tuple(self.nodes.values()), last, of_parameters)

    def _add(self, call: fx.Node) -> Laid:
        """The node that makes a call's result, and how that lies."""
        given = [self.made[name] for name in read(call) if name in self.made]
        if call.target in DIFFERENCES and len(given) > 1:
            given[1] = self._negative(call, given[1])
        if len(given) == 1:
            if call.target in MOVING and (found := self._laid(call, *given[0])):
                return found
            if is_part(call) or call.target is operator.getitem:
                return self._picked(call, given[0])
        if call.target is ATTENTION:
            return self._attended(call, given)
        if call.target in PRODUCTS and len(given) == 2:
            return self._multiplied(call, given[0], given[1])
        if all(self._is_usual(*each) for each in given):
            return self._of_images(call, [name for name, _ in given])
        return self._of_others(call, given)

    def _is_usual(self, name: str, layout: Layout) -> bool:
        """Whether a value lies as images do."""
        return layout == usual(self.nodes[name].shape, IMAGES)

    def _of_images(self, call: fx.Node, inputs: list[str]) -> Laid:
        layout = usual(self.nodes[inputs[0]].shape, IMAGES) if inputs else ()
        for module in self.meaning.modules(call, [self.nodes[name] for name in inputs], layout):
            shape = self.passed.shapes[call.name]
            if isinstance(module, nn.AdaptiveAvgPool2d | nn.AdaptiveMaxPool2d) and len(shape) == 1:
                shape = (*shape, 1, 1)  # one that keeps no dimensions is flattened behind
            inputs = [self._node(call, module, inputs, shape)]
        if self.passed.sizes[call.name][:1] != (IMAGES,):
            raise not_understood(call, "whose result is not one of each image")
        return inputs[0], usual(self.nodes[inputs[0]].shape, IMAGES)

    def _of_others(self, call: fx.Node, given: list[Laid]) -> Laid:
        """A call on values that do not lie as images do: it looks at each value, or at a position's channels."""
        name, layout = given[0]
        if call.target in MEANS and over_positions(*self.meaning.arguments(call), layout, self.nodes[name].shape):
            return self._pooled(call, self.nodes[name])
        given = [given[0], *(self._alike(call, given[0], each) for each in given[1:])]
        inputs = [self.nodes[each] for each, _ in given]
        module, *others = self.meaning.modules(call, inputs, layout)
        over = over_channels(module, layout, inputs[0].shape) if module else None
        if others or (module and not over):
            sources = call.all_input_nodes if len(call.all_input_nodes) == len(given) else [call] * len(given)
            return self._of_images(call, [self._as_images(*each)[0] for each in zip(sources, given, strict=True)])
        if over:
            self.meaning.check(call, over)
        *_, channels = self.passed.sizes[call.name]
        linear = type(module) is nn.Linear
        shape = (channels, *inputs[0].shape[1:]) if linear else inputs[0].shape
        made = self._node(call, over, [each.name for each in inputs], shape)
        return made, (*layout[:-1], usual(shape, IMAGES)[1]) if linear else layout

    def _picked(self, call: fx.Node, value: Laid) -> Laid:
        """A piece of an image where it is one; else some of a value, copied."""
        name, layout = value
        if self._is_usual(name, layout):
            try:
                return self._of_images(call, [name])
            except NotUnderstood:
                if len(self.nodes[name].shape) != PLANE:
                    raise
        found = chosen(layout, index_of(call, self.passed))
        if found is None:
            raise not_understood(call, "which picks some of the images, or unevenly")
        return self._copied(call, name, compact(*found))

    def _multiplied(self, call: fx.Node, a: Laid, b: Laid, times: float = 1.0) -> Laid:
        """The product of matrices that two values are made of."""
        found = multiplied(a[1], b[1])
        if found is None:
            raise not_understood(call, "which multiplies values that lie in different ways")
        names = [a[0], b[0]]
        module = Contracted(found.walks, [*(self.nodes[name].shape for name in names), found.shape], times)
        self.meaning.check(call, module)
        return self._node(call, module, names, found.shape), found.layout

    def _attended(self, call: fx.Node, given: list[Laid]) -> Laid:
        """softmax(q · kᵀ · factor) · v."""
        arguments, named = self.meaning.arguments(call)
        times = factor(arguments[3:], named, layouts.sizes(given[0][1])[-1]) if len(given) == 3 else None
        if times is None:
            raise not_understood(call)
        query, (key, lies), value = given
        scores, layout = self._multiplied(call, query, (key, (*lies[:-2], lies[-1], lies[-2])), times)
        self.meaning.check(call, softmax := nn.Softmax(layouts.COLUMNS))
        shares = self._node(call, softmax, [scores], self.nodes[scores].shape)
        return self._multiplied(call, (shares, layout), value)

    def _as_images(self, call: fx.Node, value: Laid) -> Laid:
        """A call's value as images or features lie, copied where it does not."""
        name, layout = value
        if self._is_usual(name, layout):
            return value
        if not layouts.of_each_image(layout):
            raise not_understood(call, "whose result is not one of each image")
        if len(layout) not in (2, PLANE + 1):
            raise not_understood(call, "which is no flattening of each image")
        return self._copied(call, name, arranged(layout, range(len(layout))))

    def _alike(self, call: fx.Node, one: Laid, other: Laid) -> Laid:
        """Another value, copied to where the first one lies if it lies in another way."""
        (name, layout), (other_name, lies) = one, other
        if lies == layout:
            return other
        legs = together(*([axis for dim in each for axis in dim if axis.place] for each in (lies, layout)))
        shape = self.nodes[name].shape
        fits = layouts.sizes(lies) == layouts.sizes(layout) and layouts.with_images(lies) == layouts.with_images(layout)
        if legs is None or not fits or len(shape) != PLANE:
            raise not_understood(call, "which is given values that lie in different ways")
        return self._copied(call, other_name, Arrangement(tuple(legs), (0, 0, 0), (shape[0], shape[1], shape[2]), layout))

    def _copied(self, call: fx.Node, name: str, how: Arrangement) -> Laid:
        """A node that copies a value, or a part of one."""
        module = Arranged(how.legs, how.start, self.nodes[name].shape, how.shape)
        self.meaning.check(call, module)
        shape = how.shape[:1] if len(how.layout) == 2 and how.shape[1:] == (1, 1) else how.shape
        return self._node(call, module, [name], shape, copy=True), how.layout

    def _pooled(self, call: fx.Node, given: Node) -> Laid:
        """The mean over all positions, with or without their dimensions."""
        name = self._node(call, nn.AdaptiveAvgPool2d(1).eval(), [given.name], (given.shape[0], 1, 1))
        if len(self.passed.shapes[call.name]) == 1:
            name = self._node(call, nn.Flatten(), [name], given.shape[:1])
        return name, usual(self.nodes[name].shape, IMAGES)

    def _laid(self, call: fx.Node, name: str, layout: Layout) -> Laid | None:
        """The same node, or one that shuffles it, where a call only lays it otherwise; None where it does more."""
        shape, after = self.nodes[name].shape, self.passed.sizes[call.name]
        found = laid(call.target, self.meaning.arguments(call)[0][1:], layout, after)
        plain = self._is_usual(name, layout)
        if found is None or (plain and (len(shape) != PLANE or len(found) == 2 or found == layout)):
            return None
        if groups := layouts.shuffled(found, shape, IMAGES):
            self.meaning.check(call, shuffle := nn.ChannelShuffle(groups))
            return self._node(call, shuffle, [name], shape), usual(shape, IMAGES)
        return name, found

    def _negative(self, call: fx.Node, value: Laid) -> Laid:
        """What is taken away: the sum's other part is its negative."""
        name, layout = value
        self.meaning.check(call, negative := Line(-1))
        return self._node(call, negative, [name], self.nodes[name].shape), layout

    def _node(
        self, call: fx.Node, module: nn.Module | None, inputs: list[str], shape: tuple[int, ...], copy: bool = False
    ) -> str:
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
