"""Group norm: the channels of each image split into G groups, each standardized over its channels and positions.

    y = γ_c · (x − μ_ng) / sqrt(σ²_ng + eps) + β_c,   μ_ng, σ²_ng over (C/G channels, H, W) of image n, biased

Input and output (N, C, H, W); γ and β have C values each. G = 1 is layer norm, G = C is instance norm. Training and
evaluation are the same function.

Source: Y. Wu and K. He, Group Normalization, ECCV 2018, arXiv 1803.08494.
"""

from torch import nn

from normlab.errors import GroupsError, NetworkError
from normlab.norms.slot import EPS, Slot


def group(slot: Slot, groups: int | None = None) -> nn.Module:
    """Group norm with `groups` groups, or with the slot's own.

    Raises `GroupsError` where they do not divide its channels, `NetworkError` where a group would be one value.
    """
    wanted = groups if groups is not None else slot.groups
    if wanted is None:
        raise NetworkError(f"layer {slot.name}: the model does not say how many groups gn has; name them, as gn:4")
    if wanted < 1 or slot.channels % wanted:
        raise GroupsError(slot.name, slot.channels, f"gn:{wanted}")
    if wanted == slot.channels and slot.size == (1, 1):
        raise NetworkError(
            f"layer {slot.name}: {wanted} groups of a single value each, which a norm makes zero; take fewer groups"
        )
    return nn.GroupNorm(wanted, slot.channels, eps=EPS)


def group_by_width(slot: Slot, width: int) -> nn.Module:
    """Group norm with `width` channels in each group; `GroupsError` where that does not divide the slot's channels."""
    if width < 1 or slot.channels % width:
        raise GroupsError(slot.name, slot.channels, f"gn:cpg={width}")
    return group(slot, slot.channels // width)
