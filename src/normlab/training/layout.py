"""The memory format of a network's convolution kernels."""

from __future__ import annotations

import torch
from torch import nn


def in_layout(model: nn.Module, layout: torch.memory_format) -> nn.Module:
    """The model with its convolution kernels in a memory format."""
    return torch.nn.utils.convert_conv2d_weight_memory_format(model, layout)
