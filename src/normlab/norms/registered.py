"""Norms that installed packages register: entry points of the group `normlab.norms`, functions of a `Slot`.

    [project.entry-points."normlab.norms"]
    mynorm = "mypackage.norms:mynorm"          # mynorm(slot) -> Module for (N, C, H, W)

Their names are read without importing them. A name of normlab's own keeps its meaning.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib.metadata import EntryPoint

from normlab.imports import entry_points


def registered() -> Mapping[str, EntryPoint]:
    """Where the code behind each name is."""
    return entry_points("normlab.norms")
