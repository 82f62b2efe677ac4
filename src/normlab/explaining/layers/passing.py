"""One image on its way through a trained network: what enters a norm, and what leaves it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from normlab.errors import UnknownName
from normlab.explaining.worked import Array
from normlab.norms.layer_c import LayerNormChannels
from normlab.norms.rms import RMSNormImage

NORMS = (nn.BatchNorm2d, nn.GroupNorm, nn.LayerNorm, LayerNormChannels, RMSNormImage, nn.Identity)
"""What stands in a model's norm slots; Identity is the norm `none`."""


@dataclass(frozen=True, eq=False)
class Passage:
    """The norm itself, x before and y after it, (C, H, W), and the network's scores, (classes,); all float64."""

    layer: nn.Module
    x: Array
    y: Array
    scores: Array


def layers(model: nn.Module) -> list[str]:
    """The names of a model's norms, from first to last."""
    return [name for name, module in model.named_modules() if isinstance(module, NORMS)]


def passage(model: nn.Module, layer: str, image: torch.Tensor) -> Passage:
    """Send one image through a network in eval mode.

    Args:
        model: in eval mode; it is turned to float64, where its numbers can be held against ours to many digits.
        layer: the name of one of its norms.
        image: as the network sees it, (1, C, H, W).

    Raises `UnknownName` with the layers that there are.
    """
    if layer not in layers(model):
        raise UnknownName("layer", layer, layers(model))
    module, seen = model.double().get_submodule(layer), list[NDArray[np.float64]]()
    # copies, since a network may work in place
    hook = module.register_forward_hook(
        lambda _module, given, result: seen.extend(part[0].detach().numpy().copy() for part in (given[0], result))
    )
    with torch.no_grad():
        scores = model(image.double())[0].numpy()
    hook.remove()
    x, y = seen
    return Passage(module, x, y, scores)
