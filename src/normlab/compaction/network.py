"""The network that comes out: a list of operations, and their modules under the names that they had."""

from __future__ import annotations

import torch
from torch import nn

from normlab.errors import NetworkError
from normlab.models.graph import Graph, Node
from normlab.models.parts import has_kernel
from normlab.norms.kinds import is_norm


class CompactNetwork(nn.Module):
    """Carries out a graph's operations in their order, for inference: float (N, C, H, W) to (N, classes).

    Args:
        graph: what it does; its modules become this module's own, under their dotted names.
    """

    def __init__(self, graph: Graph) -> None:
        super().__init__()
        self.graph = graph
        for node in graph:
            if node.module is not None:
                if node.name.partition(".")[0] in TAKEN:
                    raise NetworkError(f"{node.name}: a layer of a compact network cannot be called so, rename it")
                _place(self, node.name, node.module)
                if isinstance(node.module, nn.ReLU):
                    node.module.inplace = _may_overwrite(graph, graph[node.inputs[0]])
        self.eval()

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """The scores of (N, C, H, W) images."""
        values: dict[str, torch.Tensor] = {}
        for node in self.graph:
            given = [values[name] for name in node.inputs]
            if node.module is not None:
                values[node.name] = self.get_submodule(node.name)(*given)
            else:
                values[node.name] = given[0] + given[1] if node.is_sum else images
        return values[self.graph.output]

    @property
    def image_shape(self) -> tuple[int, ...]:
        """(C, H, W) of the images that it takes."""
        return next(node.shape for node in self.graph if not node.inputs)


TAKEN = {"graph", "image_shape"}


def _place(root: nn.Module, name: str, module: nn.Module) -> None:
    *folders, last = name.split(".")
    for folder in folders:
        if not hasattr(root, folder):
            root.add_module(folder, nn.Module())
        root = root.get_submodule(folder)
    root.add_module(last, module)


def _may_overwrite(graph: Graph, before: Node) -> bool:
    """Whether a value is fresh memory that nobody else reads."""
    fresh = has_kernel(before.module) or is_norm(before.module) or before.is_sum
    return fresh and len(graph.readers(before.name)) == 1 and before.name != graph.output
