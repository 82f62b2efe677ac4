"""Data sets and how images become batches: `load("mnist")` gives read-only arrays."""

from normlab.data.datasets import Dataset, load
from normlab.data.facts import About, about

__all__ = ["About", "Dataset", "about", "load"]
