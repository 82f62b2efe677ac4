"""A network as a graph of operations, read once for all who need it: compaction, scale, and engines that compile.

a model ─▶ tracing (torch.fx) ─▶ nodes ─▶ understood, for those who must know what every operation computes
"""

from normlab.models.graph.computed import Computed
from normlab.models.graph.nodes import Graph, Node, reaching, renamed
from normlab.models.graph.plain import plain
from normlab.models.graph.tracing import trace
from normlab.models.graph.understood import IDENTITIES, POOLS, read

__all__ = ["IDENTITIES", "POOLS", "Computed", "Graph", "Node", "plain", "reaching", "read", "renamed", "trace"]
