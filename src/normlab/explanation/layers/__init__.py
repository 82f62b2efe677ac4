"""A norm in trained networks: what comes in, what goes out, and by which numbers, for one real image."""

from normlab.explanation.layers.explained import LayerExplanation, explain_network

__all__ = ["LayerExplanation", "explain_network"]
