"""The norm that goes where another one stood."""

from __future__ import annotations

from collections.abc import Callable

from torch import nn

from normlab.conversion.facts import FEATURES, Norm
from normlab.conversion.places import Place
from normlab.conversion.stands import FeaturesRMS, Without
from normlab.errors import NetworkError
from normlab.norms import Slot, resolve
from normlab.norms.names import Name

Target = Name | Callable[[int], nn.Module]
"""What is put in: a norm by its name, or whatever a function of the channels gives."""


def unfit(target: Target, norm: Norm) -> str:
    """Why a norm is not put where another one stands; empty where it can be."""
    if not isinstance(target, Name) or not norm.features or target.kind in FEATURES:
        return ""
    return (
        "acts on the features at each position, as of tokens: "
        f"{target.kind} is a norm of images, and {', '.join(FEATURES)} could stand here"
    )


def same(target: Target, norm: Norm, count: int | None) -> bool:
    """Whether a norm is there already."""
    if not isinstance(target, Name):
        return False
    if norm.features:
        return {"ln-c": "ln"}.get(target.kind, target.kind) == norm.kind
    if count is not None:
        return {"gn": norm.groups, "in": norm.channels}.get(norm.kind) == count
    return target.kind == norm.kind


def make(target: Target, place: Place, norm: Norm, count: int | None) -> nn.Module:
    """The module, with γ = 1 and β = 0 yet.

    Args:
        count: its groups, where it has groups.

    Raises `NetworkError` for a norm that needs to know the size of what passes where no example told.
    """
    if not isinstance(target, Name):
        return target(norm.channels)
    if target.kind == "none":
        return Without(norm.channels, features=norm.features, eps=norm.eps, dims=place.dims, affine=norm.wanted)
    if norm.features:
        return FeaturesRMS(norm.channels, norm.eps) if target.kind == "rms" else nn.LayerNorm(norm.channels, norm.eps)
    if count is not None:
        return nn.GroupNorm(count, norm.channels)
    if target.kind == "bn":
        return _batch(place, norm)
    return resolve(target.kind)(Slot(place.path, norm.channels, _plane(target, place), groups=1))


def _batch(place: Place, norm: Norm) -> nn.Module:
    kinds = {0: nn.BatchNorm1d, 1: nn.BatchNorm1d, 2: nn.BatchNorm2d, 3: nn.BatchNorm3d}
    if place.dims not in kinds:
        raise NetworkError(f"{place.path}: batch norm is of at most three dimensions behind the channels")
    return kinds[place.dims](norm.channels)


def _plane(target: Name, place: Place) -> tuple[int, int]:
    size = place.size
    if size is not None and len(size) == 2:
        return size[0], size[1]
    if target.kind == "ln-chw":
        why = "is for images (N, C, H, W)" if size is not None else "needs to know H and W: give example="
        raise NetworkError(f"{place.path}: ln-chw {why}")
    return 1, 1
