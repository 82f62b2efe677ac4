"""Which cells of a tensor share a statistic: all that tells one norm from the other."""

from __future__ import annotations

from string import ascii_uppercase

import numpy as np
from numpy.typing import NDArray

from normlab.errors import SpecError
from normlab.norms.names import Name


def sets(name: Name, shape: tuple[int, ...]) -> NDArray[np.int64]:
    """The set of each cell, int64 of the tensor's shape (N, C, H, W), numbered from 0 as one meets them.

    Raises `GroupsError` where the channels cannot be split so.
    """
    _, channels, height, width = shape
    n, c, h, w = np.indices(shape)
    found: NDArray[np.int64]
    if name.over_images:
        found = c if name.images is None else n // name.images * channels + c
    elif name.kind == "ln-c":
        found = (n * height + h) * width + w
    elif name.pointwise:
        found = ((n * channels + c) * height + h) * width + w
    else:
        groups = count(name, channels)
        found = n * groups + c // (channels // groups)
    return found


def count(name: Name, channels: int) -> int:
    """Into how many groups a norm that looks at one image splits its channels."""
    if name.kind in ("in", "frn"):
        return channels
    if not name.over_groups:
        return 1
    groups = name.split(channels, "x")
    if groups is None:
        fitting = choices(name.kind, channels)
        raise SpecError(f"{name.kind}: a tensor has no author who chose its groups; give one of {fitting}")
    return groups


def mixes(name: Name) -> bool:
    """Whether several images share a statistic."""
    return name.over_images and name.images != 1


def choices(kind: str, channels: int) -> str:
    """Every norm of groups that fits."""
    return ", ".join(f"{kind}:{groups}" for groups in divisors(channels))


def divisors(channels: int) -> list[int]:
    """All numbers of groups that channels can be split into."""
    return [groups for groups in range(1, channels + 1) if channels % groups == 0]


def letter(index: int) -> str:
    """What a set is called: A to Z, AA to ZZ, AAA and on."""
    text = ""
    while index >= 0:
        index, last = divmod(index, 26)
        text, index = ascii_uppercase[last] + text, index - 1
    return text
