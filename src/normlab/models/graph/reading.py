"""From calls of torch to nodes of ours: one walk over what a network calls."""

from __future__ import annotations

from collections.abc import Collection

from torch import fx, nn

from normlab.models.graph.computed import computed
from normlab.models.graph.functions import DIFFERENCES
from normlab.models.graph.layouts import MEANS, MOVING, Layout, laid, over_channels, over_positions, plane, shuffled
from normlab.models.graph.meaning import PLANE, Meaning, read
from normlab.models.graph.nodes import Graph, Node
from normlab.models.graph.operations import Line
from normlab.models.graph.passing import Passed, not_understood, overwrites


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
        self.model, self.traced, self.shapes = model, traced, passed.shapes
        self.meaning = Meaning(model, passed, only, computes)
        self.nodes: dict[str, Node] = {}
        self.made: dict[str, str] = {}  # from a traced value to the node that makes it
        self.laid: dict[str, Layout] = {}  # how a traced value lies
        self.taken = {name for name, _ in model.named_modules()}

    def graph(self) -> Graph:
        """The nodes of all calls, and which is the network's output."""
        *calls, output = self.traced.nodes
        for call in calls:
            if call.name in self.shapes:
                self.made[call.name], self.laid[call.name] = self._add(call)
        (result,) = output.args
        if not isinstance(result, fx.Node) or result.name not in self.made:
            raise not_understood(output, "which is more than one tensor")
        standing = self.meaning.standing
        of_parameters = computed(self.model, self.traced, standing) if standing else None
        return Graph(tuple(self.nodes.values()), self.made[result.name], of_parameters)

    def _add(self, call: fx.Node) -> tuple[str, Layout]:
        """The node that makes a call's result, and how that lies."""
        inputs = [self.made[name] for name in read(call) if name in self.made]
        layouts = {self.laid[name] for name in read(call) if name in self.laid} or {"first"}
        if len(layouts) > 1:
            raise not_understood(call, "which is given values that lie in different ways")
        (layout,) = layouts
        if call.target in DIFFERENCES and len(inputs) > 1:
            inputs[1] = self._negative(call, inputs[1])
        if len(inputs) == 1 and call.target in MOVING and (found := self._laid(call, inputs[0], layout)):
            return found
        return self._of_images(call, inputs) if layout == "first" else self._of_others(call, inputs, layout)

    def _of_images(self, call: fx.Node, inputs: list[str]) -> tuple[str, Layout]:
        for module in self.meaning.modules(call, [self.nodes[name] for name in inputs], "first"):
            shape = self.shapes[call.name]
            if isinstance(module, nn.AdaptiveAvgPool2d | nn.AdaptiveMaxPool2d) and len(shape) == 1:
                shape = (*shape, 1, 1)  # one that keeps no dimensions is flattened behind
            inputs = [self._node(call, module, inputs, shape)]
        return inputs[0], "first"

    def _of_others(self, call: fx.Node, inputs: list[str], layout: Layout) -> tuple[str, Layout]:
        """A call on values that do not lie as images do: it looks at each value, or at a position's channels."""
        given = [self.nodes[name] for name in inputs]
        if call.target in MEANS and over_positions(*self.meaning.arguments(call), layout):
            return self._pooled(call, given[0]), "first"
        module, *others = self.meaning.modules(call, given, layout)
        over = over_channels(module, layout) if module else None
        if others or (module and not over):
            raise not_understood(call, "which is given values that do not lie as (images, channels, rows, columns)")
        if over:
            self.meaning.check(call, over)
        return self._node(call, over, inputs, plane(layout, self.shapes[call.name], given[0].shape)), layout

    def _pooled(self, call: fx.Node, given: Node) -> str:
        """The mean over all positions, with or without their dimensions."""
        pooled = self._node(call, nn.AdaptiveAvgPool2d(1).eval(), [given.name], (given.shape[0], 1, 1))
        whole = len(self.shapes[call.name]) > 1
        return pooled if whole else self._node(call, nn.Flatten(), [pooled], given.shape[:1])

    def _laid(self, call: fx.Node, name: str, layout: Layout) -> tuple[str, Layout] | None:
        """The same node, or one that shuffles it, where a call only lays it otherwise; None where it does more."""
        shape = self.nodes[name].shape
        found = laid(call.target, self.meaning.arguments(call)[0][1:], layout, shape, self.shapes[call.name])
        if found is None or len(shape) != PLANE or (layout == found == "first"):
            return None
        if groups := shuffled(layout, found):
            self.meaning.check(call, shuffle := nn.ChannelShuffle(groups))
            name = self._node(call, shuffle, [name], shape)
        return name, found

    def _negative(self, call: fx.Node, name: str) -> str:
        """What is taken away: the sum's other part is its negative."""
        self.meaning.check(call, negative := Line(-1))
        return self._node(call, negative, [name], self.nodes[name].shape)

    def _node(self, call: fx.Node, module: nn.Module | None, inputs: list[str], shape: tuple[int, ...]) -> str:
        name = self._name(call)
        self.nodes[name] = Node(name, module, tuple(inputs), shape, _overwrites(call, module))
        return name

    def _name(self, call: fx.Node) -> str:
        name = str(call.target) if call.op == "call_module" else call.name
        while name in self.nodes or (call.op != "call_module" and name in self.taken):
            name += "_"
        return name


def _overwrites(call: fx.Node, module: nn.Module | None) -> bool:
    return overwrites(call) or bool(getattr(module, "inplace", False))
