"""What a layer that normalizes is: one at all, over which groups, with which γ, and by which name.

PyTorch's layers and normlab's own are known by their class. Anybody else's is a norm if its class is called one, and
nothing more is said of it.
"""

from __future__ import annotations

from typing import Any

from torch import nn

from normlab.errors import NetworkError
from normlab.norms.layer_c import LayerNormChannels
from normlab.norms.rms import RMSNormImage

KNOWN = (nn.BatchNorm2d, nn.GroupNorm, nn.InstanceNorm2d, nn.LayerNorm, LayerNormChannels, RMSNormImage)
"""Norms of images (N, C, H, W) whose formula is known. A subclass may compute something else."""


def is_norm(module: nn.Module | None) -> bool:
    """Whether a layer is a norm; its γ and β, if it has them, are its parameters `weight` and `bias`."""
    return isinstance(module, KNOWN) or "Norm" in type(module).__name__


def groups(norm: Any) -> int:
    """Into how many groups, each with statistics of its own, a norm that looks at one image splits the channels."""
    if isinstance(norm, nn.GroupNorm):
        return norm.num_groups
    return norm.num_features if isinstance(norm, nn.InstanceNorm2d) else 1


def of_each_channel(norm: nn.Module | None) -> bool:
    """Whether a norm takes away the mean of each single channel, of one image or of the whole batch."""
    if isinstance(norm, nn.GroupNorm):
        return norm.num_groups == norm.num_channels
    return isinstance(norm, nn.BatchNorm2d | nn.InstanceNorm2d)


def centres(norm: nn.Module) -> bool:
    """Whether a norm takes the mean away."""
    return not isinstance(norm, RMSNormImage)


def of_each_element(norm: nn.Module) -> bool:
    """Whether γ and β have a value for each element (C, H, W), and not only for each channel."""
    return isinstance(norm, nn.LayerNorm) and not isinstance(norm, LayerNormChannels)


def name(layer: nn.Module) -> str:
    """What a known norm is called, `none` for the identity; the inverse of `resolve`, up to names of one meaning.

    Raises `NetworkError` for a layer norm over something else than an image.
    """
    if isinstance(layer, nn.GroupNorm):
        ends = {1: "ln", layer.num_channels: "in"}
        return ends.get(layer.num_groups, f"gn:{layer.num_groups}")
    if isinstance(layer, nn.LayerNorm) and of_each_element(layer):
        if len(layer.normalized_shape) != 3:
            raise NetworkError(f"{layer}: expected a layer norm over (C, H, W), as images have")
        return "ln-chw"
    kinds = {nn.BatchNorm2d: "bn", nn.InstanceNorm2d: "in", LayerNormChannels: "ln-c", RMSNormImage: "rms"}
    return next((name for kind, name in kinds.items() if isinstance(layer, kind)), "none")
