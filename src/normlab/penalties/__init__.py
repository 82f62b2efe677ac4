"""Penalties beside the data loss, one kind a file, and the parameters they act on."""

from normlab.penalties.registry import PENALTIES, of_recipe, penalty
from normlab.penalties.scope import named, parameters_in, weights_of
from normlab.penalties.spred import factors_of
from normlab.penalties.term import Term, abs_sum

__all__ = ["PENALTIES", "Term", "abs_sum", "factors_of", "named", "of_recipe", "parameters_in", "penalty", "weights_of"]
