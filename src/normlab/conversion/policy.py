"""Into how many groups a norm splits the channels of a place, and whether what is left in one can be normalized."""

from __future__ import annotations

from math import prod

from normlab.conversion.places import Place
from normlab.errors import NetworkError
from normlab.norms.names import Name

GROUPED = ("gn", "evonorm-s0")
PAPERS = 32
"""Groups in the paper (Wu and He, Group Normalization, ECCV 2018), which plain `gn` has as near as channels allow."""


def groups(name: Name, place: Place, *, nearest: bool) -> int | None:
    """How many groups the norm `name` makes of a place's channels; None for a norm without groups.

    Plain `gn` takes the divisor of the channels that is nearest to the paper's 32 and leaves two channels a group.
    Others must divide them, or with `nearest` are moved to the nearest count that does; the smaller of two as near.

    Raises:
        GroupsError: they do not divide the channels.
        NetworkError: they leave one value in each group, whose norm is β whatever comes in.
    """
    channels = place.channels
    positions = 2 if place.size is None else prod(place.size)
    most = channels if positions > 1 else max(1, channels // 2)
    if name.kind in ("ln", "in"):
        count = 1 if name.kind == "ln" else channels
    elif name.kind not in GROUPED:
        return None
    elif name.groups is None and name.width is None:
        count = plain(channels)
    elif nearest:
        count = _nearest(name.groups or channels / (name.width or 1), channels, most)
    else:
        count = name.split(channels, place.path) or 1
    if positions == 1 and count == channels:
        raise NetworkError(
            f"{place.path}: {count} groups would leave one value in each, whose norm is β whatever comes in: "
            f"take at most {most} groups here, or none"
        )
    return count


def plain(channels: int) -> int:
    """How many groups plain `gn` makes of so many channels."""
    return _nearest(PAPERS, channels, most=max(1, channels // 2))


def _nearest(wanted: float, channels: int, most: int) -> int:
    fitting = [count for count in range(1, most + 1) if channels % count == 0]
    return min(fitting, key=lambda count: (abs(count - wanted), count))
