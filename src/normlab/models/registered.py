"""Models that installed packages register: entry points of the group `normlab.models`, functions as normlab's own.

    [project.entry-points."normlab.models"]
    mynet = "mypackage.nets:mynet"             # mynet(norm, *, dropout, shape, classes) -> Module

A name of normlab's own keeps its meaning.
"""

from __future__ import annotations

from normlab.imports import entry_points
from normlab.norms import names
from normlab.norms.registered import registered
from normlab.spec.places import Place


def models() -> dict[str, Place]:
    """Where the code behind each name is."""
    return {name: Place(point.module, point.attr) for name, point in entry_points("normlab.models").items()}


def norm_place(norm: str) -> Place | None:
    """Where the code of a norm is that a package has registered, None for normlab's own and for what is none."""
    kind = norm.removeprefix(names.STANDARDIZED)
    ours = kind.partition(":")[0] in (*names.PLAIN, *names.COUNTED)
    point = None if ours else registered().get(kind)
    return Place(point.module, point.attr) if point else None
