"""The memory format of a network's convolution kernels."""

from __future__ import annotations

import torch
from torch import nn

NARROW = 16
"""Input channels below which a strided 1×1 convolution is not to be trained channels last."""


def layout_of(model: nn.Module) -> torch.memory_format:
    """The memory format that a network is trained in: channels last, which oneDNN is faster at for few channels.

    Not so with a 1×1 convolution of stride over 1 on few channels: its backward pass channels last writes outside of
    its memory (PyTorch 2.13 on AVX2, with 3 and 4 channels; see oneDNN's issue 6035). The convolutions are the same in
    every arm of a model, and so is the format.
    """
    return torch.contiguous_format if any(map(_is_narrow, model.modules())) else torch.channels_last


def _is_narrow(module: nn.Module) -> bool:
    if not isinstance(module, nn.Conv2d):
        return False
    pointwise, strided = set(module.kernel_size) == {1}, max(module.stride) > 1
    return pointwise and strided and module.in_channels // module.groups < NARROW


def in_layout(model: nn.Module, layout: torch.memory_format) -> nn.Module:
    """The model with its convolution kernels in a memory format."""
    return torch.nn.utils.convert_conv2d_weight_memory_format(model, layout)
