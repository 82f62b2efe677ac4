"""Kernels with fewer digits, as far as nobody sees it: bits that are zero take no room in a page."""

from __future__ import annotations

import torch
from torch import nn

UNSEEN = 4e-5
"""By how much rounding may change a logit. A page's logits are PyTorch's to 1e-4, the order of sums included."""
DROPPED = (12, 10, 8, 7, 6, 5, 4, 2)
"""Bits of a float32's 23 that may go, the most first."""


@torch.no_grad()
def round_kernels(network: nn.Module, images: torch.Tensor) -> int:
    """Round a network's kernels in place, and all else of several dimensions, as far as no logit of `images` moves.

    Returns how many bits of each value are zero now. Vectors (biases, γ, β of channels) stay: they are few.
    """
    exact = {value: value.clone() for value in network.parameters() if value.ndim > 1}
    wanted = network(images)
    for bits in DROPPED:
        for value, was in exact.items():
            value.copy_(rounded(was, bits))
        if float((network(images) - wanted).abs().max()) <= UNSEEN:
            return bits
    for value, was in exact.items():
        value.copy_(was)
    return 0


def rounded(values: torch.Tensor, bits: int) -> torch.Tensor:
    """The nearest float32 whose last `bits` bits are zero."""
    whole = values.float().contiguous().view(torch.int32)
    return ((whole + (1 << (bits - 1))) & -(1 << bits)).view(torch.float32)
