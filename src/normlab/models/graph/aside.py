"""Values that do not depend on images: a network's own parameters, constants, and what is computed of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import fx, nn

from normlab.models.graph.computed import named
from normlab.models.graph.layouts import PERMUTING, TRANSPOSING
from normlab.models.graph.passed import SPREADING, Passed, is_function, overwrites
from normlab.models.graph.seen import IMAGES

RESHAPING = {"view", "reshape", "unsqueeze", torch.reshape, torch.unsqueeze}
"""What a network does to a parameter of its own that leaves it the same numbers in the same order."""
LAYING = PERMUTING | TRANSPOSING | {"contiguous"}
"""What may give its dimensions another order."""


class Aside:
    """Notes them in what `passed` through `root`, whose numbers are of a kind."""

    def __init__(self, passed: Passed, root: nn.Module, kind: torch.dtype) -> None:
        self.passed, self.root, self.kind = passed, root, kind

    def note_constants(self, node: fx.Node) -> None:
        """Note tensors that a call is given and that are no parameters."""
        for each in node.all_input_nodes:
            name = str(each.target)
            if each.op != "get_attr" or self.passed.of_parameters(each.name) or each.name in self.passed.shapes:
                continue
            value = named(self.root, name)
            if isinstance(value, torch.Tensor) and value.dtype == self.kind:
                self.passed.constants[name] = value
                self.passed.computed[each.name] = tuple(value.shape)
                if value.shape[:1] == (IMAGES,) and torch.equal(*value):
                    self.passed.spread.add(each.name)

    def note_spread(self, node: fx.Node, value: Any) -> None:
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

    def computes(self, node: fx.Node) -> bool:
        """Whether a call is given parameters and constants alone, and leaves them as they are."""
        given = node.all_input_nodes
        changes = overwrites(node) or bool(node.kwargs.get("inplace"))
        called = (is_function(node) or self._is_the_same(node)) and not changes
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
        value = named(self.root, str(node.target))
        if not isinstance(value, torch.Tensor) or value.is_floating_point() or value.is_complex():
            return False
        self.passed.constants[str(node.target)] = value
        return True

    def held(self, node: fx.Node) -> str | None:
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


def _begins_with_images(target: Any, order: Sequence[int]) -> bool:
    """Whether what gives dimensions another order leaves the first one where it is."""
    return 0 not in order if target in TRANSPOSING else target not in PERMUTING or order[0] == 0
