"""From calls of torch to nodes of ours: one walk over what a network calls."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from math import prod

from torch import fx, nn

from normlab.models.graph import layouts
from normlab.models.graph.comparing import compared
from normlab.models.graph.computed import computed
from normlab.models.graph.functions import DIFFERENCES, PRODUCTS, QUOTIENTS, SUMS
from normlab.models.graph.joining import joined
from normlab.models.graph.laying import SHUFFLES, lain, picked, shuffled
from normlab.models.graph.layouts import Layout, over_channels, usual
from normlab.models.graph.legs import arranged
from normlab.models.graph.meaning import PLANE, read
from normlab.models.graph.multiplying import product
from normlab.models.graph.nodes import Graph
from normlab.models.graph.one_dimension import in_a_row
from normlab.models.graph.operations import EachPosition, Line, Power
from normlab.models.graph.passed import Passed, is_function
from normlab.models.graph.reducing import POOLS, reduced
from normlab.models.graph.refusals import NotUnderstood, not_understood
from normlab.models.graph.rolling import rolled
from normlab.models.graph.seen import IMAGES
from normlab.models.graph.walk import Laid, Walk

WHOLE = (2, PLANE + 1)
"""Dimensions of features, and of images."""
SPECIAL = (lain, shuffled, picked, joined, rolled, compared, product, reduced, in_a_row)
"""What reads some calls and gives None for all others."""
LAID = (*POOLS, *SHUFFLES, nn.Conv1d)
"""Layers that are read so as well."""


class Reading(Walk):
    """The walk from the images to the network's output."""

    def __init__(
        self,
        model: nn.Module,
        traced: fx.Graph,
        passed: Passed,
        only: Collection[type[nn.Module]] | None,
        computes: bool,
    ) -> None:
        super().__init__(model, passed, only, computes)
        self.traced = traced

    def graph(self) -> Graph:
        """The nodes of all calls, and which is the network's output."""
        *calls, output = self.traced.nodes
        for call in calls:
            if call.name in self.passed.shapes:
                self.made[call.name] = self._add(call)
        (result,) = output.args
        if not isinstance(result, fx.Node) or result.name not in self.made:
            raise not_understood(output, "which is more than one tensor")
        last, _ = self.as_images(result, self.made[result.name])
        standing = self.meaning.standing
        of_parameters = computed(self.model, self.traced, standing, self.passed.constants) if standing else None
        return Graph(tuple(self.nodes.values()), last, of_parameters)

    def _add(self, call: fx.Node) -> Laid:
        """The node that makes a call's result, and how that lies."""
        given = [self.made[name] for name in read(call) if name in self.made]
        if is_function(call) and call.target in DIFFERENCES | QUOTIENTS and len(given) > 1:
            turned = Line(-1) if call.target in DIFFERENCES else Power(-1)
            given[1] = self.each(call, turned, given[1])
        special_ones = SPECIAL if is_function(call) or self.flattens(call) or type(self.layer(call)) in LAID else ()
        found = (special(self, call, given) for special in special_ones)
        if (special := next((each for each in found if each), None)) is not None:
            return special
        if all(self.is_usual(*each) for each in given) and not self._stretches(call, given):
            return self.of_images(call, [name for name, _ in given])
        return self._of_others(call, given)

    def _stretches(self, call: fx.Node, given: list[Laid]) -> bool:
        """Whether images are read otherwise: a linear layer acts on their columns, or a sum spreads one of them."""
        if is_function(call):
            shapes = {self.nodes[name].shape for name, _ in given}
            return call.target in SUMS | DIFFERENCES and len(shapes) > 1 == len({len(shape) for shape in shapes})
        return type(self.layer(call)) is nn.Linear and bool(given) and len(self.nodes[given[0][0]].shape) == PLANE

    def _of_others(self, call: fx.Node, given: list[Laid]) -> Laid:
        """A call on values that do not lie as images do: it looks at each value, or at a position's channels."""
        aligned = self._aligned(call, given)
        if aligned is None:
            return self.of_images(call, [self.as_images(call, each)[0] for each in given])
        given, (_, layout) = aligned, aligned[0]
        inputs = [self.nodes[each] for each, _ in given]
        modules = self.meaning.modules(call, inputs, layout)
        over = [over_channels(module, layout, inputs[0].shape) if module else None for module in modules]
        fits = all(each is not None or module is None for each, module in zip(over, modules, strict=True))
        along = None if fits or len(given) > 1 else _looks_along(modules)
        if along and not layouts.with_images(layout)[along[0]]:
            moved = self._with_its_own(call, given[0], *along)
            if moved[1] == layout:
                raise not_understood(call)
            return self.of_images(call, [moved[0]]) if self.is_usual(*moved) else self._of_others(call, [moved])
        if not fits:
            if layouts.of_each_image(layout) and len(layout) not in WHOLE:
                raise not_understood(call, "which is given values that do not lie as (images, channels, rows, columns)")
            sources = call.all_input_nodes if len(call.all_input_nodes) == len(given) else [call] * len(given)
            return self.of_images(call, [self.as_images(*each)[0] for each in zip(sources, given, strict=True)])
        names = [name for name, _ in given]
        for each in over:
            names, layout = self._over(call, each, names, layout)
        return names[0], layout

    def _aligned(self, call: fx.Node, given: list[Laid]) -> list[Laid] | None:
        """Values that lie as the first does, of sums and products the largest; None where all have to lie as images."""
        thin = is_function(call) and call.target in PRODUCTS | QUOTIENTS
        if thin or (is_function(call) and call.target in SUMS | DIFFERENCES):
            given = sorted(given, key=lambda each: -prod(layouts.sizes(each[1])))
        try:
            return [given[0], *(self.alike(call, given[0], each, thin=thin) for each in given[1:])]
        except NotUnderstood:
            if len({len(lies) for _, lies in given}) > 1 or len(given[0][1]) not in WHOLE:
                raise
            return None

    def _over(
        self, call: fx.Node, module: nn.Module | None, names: list[str], layout: Layout
    ) -> tuple[list[str], Layout]:
        """What looks at values, or at a position's channels, of which a linear layer makes others."""
        if module:
            self.meaning.check(call, module)
        *_, channels = self.passed.sizes[call.name]
        linear, shape = isinstance(module, EachPosition), self.nodes[names[0]].shape
        shape = (channels, *shape[1:]) if linear else shape
        made = self.node(call, module, names, shape)
        if module and layouts.drops(module):
            self.nodes[made] = replace(self.nodes[made], order=layouts.numbered(layout, shape))
        return [made], (*layout[:-1], usual(shape, IMAGES)[1]) if linear else layout

    def _with_its_own(self, call: fx.Node, value: Laid, dim: int, place: int, others: int) -> Laid:
        """A value one of whose dimensions has a place of its own, copied; the others share one."""
        name, layout = value
        places = [place if k == dim % len(layout) else others for k in range(len(layout))]
        return self.copied(call.all_input_nodes[0], name, arranged(layout, places))


def _looks_along(modules: Sequence[nn.Module | None]) -> tuple[int, int, int] | None:
    """The one dimension that a module looks along, the place that it wants it to have, and that of the others."""
    module = modules[0] if len(modules) == 1 else None
    if isinstance(module, nn.Softmax) and module.dim is not None:
        return module.dim, layouts.COLUMNS, layouts.CHANNELS
    alone = isinstance(module, nn.LayerNorm | nn.RMSNorm) and len(module.normalized_shape) == 1
    return (-1, layouts.CHANNELS, layouts.ROWS) if alone or type(module) is nn.Linear else None
