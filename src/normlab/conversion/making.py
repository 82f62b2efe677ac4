"""The norm that goes where another one stood."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from torch import nn

from normlab.conversion import policy
from normlab.conversion.facts import FEATURES, Norm
from normlab.conversion.places import Place
from normlab.conversion.stands import Without
from normlab.errors import NetworkError
from normlab.norms import NormFactory, Slot, kinds, resolve
from normlab.norms.dyt import DynamicTanhFeatures
from normlab.norms.evonorm import evonorm
from normlab.norms.names import COUNTED, Name, read
from normlab.norms.rms import RMSNormFeatures

ANY_DIMS = ("ln-c", "ln-chw", "rms", "dyt")
"""Norms of ours that take any number of dimensions behind the channels, or say themselves that they do not."""


@dataclass(frozen=True)
class Asked:
    """A norm by its name, taken apart, and the factory behind it."""

    name: Name
    fill: NormFactory

    @classmethod
    def of(cls, norm: str) -> Asked:
        """Raises `UnknownName` where no norm is called so."""
        return cls(read(norm), resolve(norm))

    @property
    def kind(self) -> str:
        """Its name without its numbers."""
        return self.name.kind


Target = Asked | Callable[[int], nn.Module]
"""What is put in: a norm by its name, or whatever a function of the channels gives."""


def unfit(target: Target, norm: Norm) -> str:
    """Why a norm is not put where another one stands; empty where it can be."""
    if not isinstance(target, Asked) or not norm.features or target.kind in FEATURES:
        return ""
    return (
        "acts on the features at each position, as of tokens: "
        f"{target.kind} is a norm of images, and {', '.join(FEATURES)} could stand here"
    )


def called(target: Target, norm: Norm, new: nn.Module, count: int | None) -> str:
    """What the norm is called that is put in: with its groups, as it can be asked for."""
    if not isinstance(target, Asked):
        return str(getattr(target, "__name__", type(target).__name__))
    if norm.features:
        return "ln" if target.kind == "ln-c" else target.kind
    if target.kind in COUNTED and target.kind != "gn":
        return kinds.name(new)
    return target.kind if count is None else kinds.grouped(count, norm.channels)


def make(target: Target, place: Place, norm: Norm, count: int | None) -> nn.Module:
    """The module, with γ = 1 and β = 0 yet.

    Args:
        count: its groups, where it has groups.

    Raises `NetworkError` for a norm that needs to know the size of what passes where no example told.
    """
    if not isinstance(target, Asked):
        return target(norm.channels)
    if target.kind == "none":
        return Without(norm.channels, features=norm.features, eps=norm.eps, dims=place.dims, affine=norm.wanted)
    if norm.features:
        return _of_features(target.kind, norm)
    if count is not None:
        return evonorm(_slot(place, norm), count) if target.kind == "evonorm-s0" else nn.GroupNorm(count, norm.channels)
    if target.kind == "bn":
        return _batch(place, norm)
    if place.dims != 2 and target.kind not in ANY_DIMS:
        raise NetworkError(f"{place.path}: {target.kind} is for images (N, C, H, W), and none pass here: skip it")
    if target.kind == "ln-chw" and (place.size is None or len(place.size) != 2):
        why = "needs to know H and W: give example=" if place.size is None else "is for images (N, C, H, W)"
        raise NetworkError(f"{place.path}: ln-chw {why}")
    return target.fill(_slot(place, norm))


def _slot(place: Place, norm: Norm) -> Slot:
    plane = place.size
    size = (plane[0], plane[1]) if plane is not None and len(plane) == 2 else None
    return Slot(place.path, norm.channels, size, policy.plain(norm.channels))


def _of_features(kind: str, norm: Norm) -> nn.Module:
    if kind == "rms":
        return RMSNormFeatures(norm.channels, norm.eps)
    return DynamicTanhFeatures(norm.channels) if kind == "dyt" else nn.LayerNorm(norm.channels, norm.eps)


def _batch(place: Place, norm: Norm) -> nn.Module:
    classes = {0: nn.BatchNorm1d, 1: nn.BatchNorm1d, 2: nn.BatchNorm2d, 3: nn.BatchNorm3d}
    if place.dims not in classes:
        raise NetworkError(f"{place.path}: batch norm is of at most three dimensions behind the channels")
    return classes[place.dims](norm.channels)
