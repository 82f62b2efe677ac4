"""Data sets and how images become batches: `load("mnist")` gives read-only arrays."""

from normlab.data.about import About, about
from normlab.data.datasets import Dataset, load

__all__ = ["About", "Dataset", "about", "load"]
