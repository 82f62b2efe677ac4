"""What the numbers of a comparison are, as plain values: arms, paired differences, sparsity, mistakes."""

from normlab.report.facts.gather import Curve, Facts, gather

__all__ = ["Curve", "Facts", "gather"]
