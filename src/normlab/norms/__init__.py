"""Normalization layers by name: `resolve("gn:4")` gives a factory that fills a model's norm slots."""

from normlab.norms.registry import NormFactory, known, resolve
from normlab.norms.slot import EPS, Slot

__all__ = ["EPS", "NormFactory", "Slot", "known", "resolve"]
