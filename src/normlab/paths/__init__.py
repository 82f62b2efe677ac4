"""How sparse can a network get before it costs accuracy? Studies along λ, chosen on held-out images, tested once."""

from normlab.paths.walk import path

__all__ = ["path"]
