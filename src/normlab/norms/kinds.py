"""What a layer that normalizes is: one at all, over which groups, with which γ, and by which name.

PyTorch's layers and normlab's own are known by their class. Anybody else's is a norm if its class is called one, and
nothing more is said of it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from torch import nn

from normlab.errors import NetworkError
from normlab.norms.dyt import DynamicTanh
from normlab.norms.evonorm import EvoNormS0
from normlab.norms.frn import FilterResponseNorm
from normlab.norms.ghost import GhostBatchNorm
from normlab.norms.layer_c import LayerNormChannels
from normlab.norms.renorm import BatchRenorm
from normlab.norms.rms import RMSNormImage

STANDARDIZING = (nn.BatchNorm2d, nn.GroupNorm, nn.InstanceNorm2d, nn.LayerNorm, LayerNormChannels, RMSNormImage)
"""Norms of images (N, C, H, W) that are γ · x̂ + β. A subclass may compute something else."""
KNOWN = (*STANDARDIZING, GhostBatchNorm, BatchRenorm, FilterResponseNorm, DynamicTanh, EvoNormS0)
"""Norms of images (N, C, H, W) whose formula is known."""


def is_norm(module: nn.Module | None) -> bool:
    """Whether a layer is a norm; its γ and β, if it has them, are its parameters `weight` and `bias`."""
    return isinstance(module, KNOWN) or "Norm" in type(module).__name__


def groups(norm: Any) -> int:
    """Into how many groups, each with statistics of its own, a norm that looks at one image splits the channels."""
    if isinstance(norm, nn.GroupNorm):
        return norm.num_groups
    if isinstance(norm, EvoNormS0):
        return norm.groups
    if isinstance(norm, FilterResponseNorm):
        return norm.weight.numel()
    return norm.num_features if isinstance(norm, nn.InstanceNorm2d) else 1


def of_each_channel(norm: nn.Module | None) -> bool:
    """Whether a norm takes away the mean of each single channel, of one image or of the whole batch."""
    if isinstance(norm, nn.GroupNorm):
        return norm.num_groups == norm.num_channels
    return isinstance(norm, nn.BatchNorm2d | nn.InstanceNorm2d)


def centres(norm: nn.Module) -> bool:
    """Whether a norm takes the mean away."""
    return not isinstance(norm, RMSNormImage | FilterResponseNorm | DynamicTanh | EvoNormS0)


def of_each_element(norm: nn.Module) -> bool:
    """Whether γ and β have a value for each element (C, H, W), and not only for each channel."""
    return isinstance(norm, nn.LayerNorm) and not isinstance(norm, LayerNormChannels)


def name(layer: nn.Module) -> str:
    """What a known norm is called, `none` for the identity; the inverse of `resolve`, up to names of one meaning.

    Raises `NetworkError` for a layer norm over something else than an image.
    """
    return next((called(layer) for kind, called in NAMES.items() if isinstance(layer, kind)), "none")


def grouped(groups: int, channels: int) -> str:
    """What a group norm is called: its ends are layer norm and instance norm."""
    return {1: "ln", channels: "in"}.get(groups, f"gn:{groups}")


def _layer_norm(layer: Any) -> str:
    if len(layer.normalized_shape) != 3:
        raise NetworkError(f"{layer}: expected a layer norm over (C, H, W), as images have")
    return "ln-chw"


NAMES: dict[type[nn.Module], Callable[[Any], str]] = {
    GhostBatchNorm: lambda layer: f"gbn:{layer.images}",
    BatchRenorm: lambda layer: f"brn:{layer.steps}",
    nn.BatchNorm2d: lambda _layer: "bn",
    nn.GroupNorm: lambda layer: grouped(layer.num_groups, layer.num_channels),
    nn.InstanceNorm2d: lambda _layer: "in",
    LayerNormChannels: lambda _layer: "ln-c",
    nn.LayerNorm: _layer_norm,
    RMSNormImage: lambda _layer: "rms",
    FilterResponseNorm: lambda _layer: "frn",
    DynamicTanh: lambda _layer: "dyt",
    EvoNormS0: lambda layer: f"evonorm-s0:{layer.groups}",
}
"""How each kind is called, a class before those that it derives from."""
