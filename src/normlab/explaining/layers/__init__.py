"""A norm in a trained network: what comes in, what goes out, and by which numbers, for one real image."""

from normlab.explaining.layers.explained import LayerExplanation, explain_layer

__all__ = ["LayerExplanation", "explain_layer"]
