"""How large the kernels of a network are: what stays of them, and the norm that sets their effective step size."""

from __future__ import annotations

import torch
from torch import nn

from normlab.penalties import named
from normlab.records import NEAR_ZERO, KernelSize


@torch.no_grad()
def sizes(model: nn.Module, epoch: int) -> tuple[KernelSize, ...]:
    """The sizes of every convolution's and linear layer's weights, in module order."""
    return tuple(_size(name, kernel.detach().double(), epoch) for name, kernel in named(model, "weights").items())


def _size(name: str, kernel: torch.Tensor, epoch: int) -> KernelSize:
    size = kernel.abs()
    return KernelSize(
        epoch=epoch,
        kernel=name,
        weights=kernel.numel(),
        zeros=int((size == 0).sum()),
        near_zeros=int((size < NEAR_ZERO).sum()),
        abs_sum=float(size.sum()),
        square_sum=float(kernel.square().sum()),
    )
