"""Penalties added to the data loss, and the parameters they act on."""

from normlab.penalties.l1 import L1
from normlab.penalties.scope import parameters_in, weights_of

__all__ = ["L1", "parameters_in", "weights_of"]
