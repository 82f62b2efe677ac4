"""Normalization layers by name: `resolve("gn:4")` gives a factory that fills a model's norm slots.

The names below come when they are first used: to read a name of a norm, PyTorch need not be imported.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from normlab.norms.names import known
    from normlab.norms.registry import NormFactory, resolve
    from normlab.norms.slot import EPS, Slot

__all__ = ["EPS", "NormFactory", "Slot", "known", "resolve"]

_HOMES = {"EPS": "slot", "NormFactory": "registry", "Slot": "slot", "known": "names", "resolve": "registry"}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'normlab.norms' has no attribute {name!r}")
    return getattr(import_module(f"normlab.norms.{_HOMES[name]}"), name)
