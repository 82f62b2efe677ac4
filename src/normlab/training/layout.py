"""The memory format of a network's convolution kernels and of its images."""

from __future__ import annotations

from copy import deepcopy

import torch
from torch import nn

NARROW = 16
"""Input channels below which a strided 1×1 convolution is not to be trained channels last."""
IMAGES = 2


def layout_of(model: nn.Module, shape: tuple[int, int, int]) -> torch.memory_format:
    """The format for a network on images of (C, H, W): channels last, which oneDNN is faster at for few channels.

    Not so for a network that does not work so: `x.view(-1, 320)` behind a convolution is for channels that come first.
    Nor with a 1×1 convolution of stride over 1 on few channels: its backward pass channels last writes outside of
    its memory (PyTorch 2.13 on AVX2, with 3 and 4 channels; see oneDNN's issue 6035). All of it is the same in every
    arm of a model, and so is the format.
    """
    last = not any(map(_is_narrow, model.modules())) and _works(model, shape, torch.channels_last)
    return torch.channels_last if last else torch.contiguous_format


def _is_narrow(module: nn.Module) -> bool:
    if not isinstance(module, nn.Conv2d):
        return False
    pointwise, strided = set(module.kernel_size) == {1}, max(module.stride) > 1
    return pointwise and strided and module.in_channels // module.groups < NARROW


@torch.no_grad()
def _works(model: nn.Module, shape: tuple[int, int, int], layout: torch.memory_format) -> bool:
    """Whether a copy takes images of a format in both modes; the model and chance stay as they are."""
    devices = {parameter.device for parameter in model.parameters()}
    with torch.random.fork_rng(devices=[device for device in devices if device.type == "cuda"]):
        try:
            tried = in_layout(deepcopy(model), layout)
            images = torch.zeros(IMAGES, *shape, device=next(iter(devices), None)).contiguous(memory_format=layout)
            for training in (True, False):
                tried.train(training)(images)
        except Exception:  # noqa: BLE001 - whatever a model raises
            return False
    return True


def in_layout(model: nn.Module, layout: torch.memory_format) -> nn.Module:
    """The model with its convolution kernels in a memory format."""
    return torch.nn.utils.convert_conv2d_weight_memory_format(model, layout)
