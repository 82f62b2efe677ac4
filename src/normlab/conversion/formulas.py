"""The formulas that a norm is recognized by, each without γ and β, written plainly.

bn      (x − μ) / sqrt(σ² + eps) over the images and positions of a channel
in      over the positions of an image's channel
gn      over the channels of a group and the positions of an image
ln-c    over the channels at a position
rms     x / sqrt(mean(x²) + eps) over an image
rms-c   the same over the channels at a position
"""

from __future__ import annotations

import torch

KINDS = ("bn", "in", "gn", "ln-c", "rms", "rms-c")


def standardized(x: torch.Tensor, kind: str, groups: int, eps: float) -> torch.Tensor:
    """One of the formulas for x (N, C, …); `groups` counts for `gn` alone."""
    if kind == "gn":
        parted = x.reshape(len(x), groups, -1)
        return _centred(parted, (2,), eps).reshape(x.shape)
    over = {
        "bn": (0, *range(2, x.ndim)),
        "in": tuple(range(2, x.ndim)),
        "rms": tuple(range(1, x.ndim)),
    }.get(kind, (1,))
    return _scaled(x, over, eps) if kind.startswith("rms") else _centred(x, over, eps)


def _centred(x: torch.Tensor, over: tuple[int, ...], eps: float) -> torch.Tensor:
    return _scaled(x - x.mean(over, keepdim=True), over, eps)


def _scaled(x: torch.Tensor, over: tuple[int, ...], eps: float) -> torch.Tensor:
    return x / torch.sqrt(x.square().mean(over, keepdim=True) + eps)
