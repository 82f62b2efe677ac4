"""Images on their way through a network: what enters a norm, and what leaves it."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass

import numpy as np
import torch
from torch import nn

from normlab.errors import NetworkError, UnknownName
from normlab.explanation.worked import Array
from normlab.norms.kinds import KNOWN

NORMS = (*KNOWN, nn.Identity)
"""What stands in a model's norm slots; Identity is the norm `none`."""


FAILURES = (RuntimeError, ValueError, TypeError, IndexError, AttributeError)
"""What a network raises that is not made for such images, for float64, or for being copied."""


@dataclass(frozen=True, eq=False)
class Passage:
    """The norm itself, x before and y after it, (N, C, H, W), and the network's output if it is a tensor; float64."""

    layer: nn.Module
    x: Array
    y: Array
    scores: Array | None


def layers(model: nn.Module) -> list[str]:
    """The names of a model's norms, from first to last."""
    return [name for name, module in model.named_modules() if isinstance(module, NORMS)]


def passage(model: nn.Module, layer: str, images: torch.Tensor, *, training: bool = False) -> Passage:
    """Send images through a network.

    Args:
        model: a copy is looked at, in float64, where numbers can be held against ours to many digits.
        layer: the name of one of its norms.
        images: as the network sees them, (N, C, H, W).
        training: whether its norms are in training mode; all else is in eval mode, so that nothing is dropped.

    Raises `UnknownName` with the layers that there are, and `NetworkError` where the network does not reach this one,
    or not with images.
    """
    known = layers(model)
    if not known:
        kinds = "BatchNorm2d, GroupNorm, InstanceNorm2d, LayerNorm over (C, H, W), and those of normlab"
        raise NetworkError(f"the network has no norm that is understood: {kinds}")
    if layer not in known:
        raise UnknownName("layer", str(layer), known)
    try:
        module, seen, scores = _sent(model, layer, images, training)
    except FAILURES as error:
        told = (str(error) or type(error).__name__).splitlines()[0]
        raise NetworkError(f"the network cannot be run on {tuple(images.shape)} in float64: {told}") from None
    if len(seen) != 2 or seen[0].ndim != 4:
        raise NetworkError(f"{layer} is expected to see one tensor (N, C, H, W), once; it saw {len(seen) // 2}")
    if len(seen[0]) != len(images):
        raise NetworkError(f"{layer} sees tokens, and only norms of whole images are explained")
    if not all(np.isfinite(part).all() for part in seen):
        raise NetworkError(f"what enters {layer}, or leaves it, is not finite")
    x, y = seen
    return Passage(module, x, y, scores)


def _sent(
    model: nn.Module, layer: str, images: torch.Tensor, training: bool
) -> tuple[nn.Module, list[Array], Array | None]:
    """The norm, what it saw and gave, and the scores, if the network gives a tensor."""
    model = _prepared(model, training)
    module, seen = model.get_submodule(layer), list[Array]()
    # copies, since a network may work in place
    module.register_forward_hook(
        lambda _module, given, result: seen.extend(part.detach().numpy().copy() for part in (given[0], result))
    )
    with torch.no_grad():
        result = model(images.double())
    return module, seen, result.numpy() if isinstance(result, torch.Tensor) else None


def _prepared(model: nn.Module, training: bool) -> nn.Module:
    copy = deepcopy(model).eval().double()
    for module in copy.modules():
        if isinstance(module, NORMS):
            module.train(training)
    return copy
