"""Data sets and how images become batches: `load("mnist")` gives read-only arrays."""

from normlab.data.datasets import Dataset, load

__all__ = ["Dataset", "load"]
