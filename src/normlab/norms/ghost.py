"""Ghost batch norm: batch norm over chunks of N images, so that a large batch keeps a small one's noise.

    y = γ_c · (x − μ_kc) / sqrt(σ²_kc + eps) + β_c,   μ_kc, σ²_kc over (images of chunk k, H, W), biased variance

In training a batch is split, in its order, into chunks of N images; a last smaller chunk has statistics of its own. The
running averages take the chunks in one after the other, each as batch norm takes in a batch (momentum 0.1, unbiased
variance), so they forget sooner than batch norm's; evaluation uses them and is batch norm's. From N = the batch size on
it is batch norm. Input and output (N, C, H, W); γ and β have C values each. A chunk with one value in a channel raises
PyTorch's ValueError, as batch norm does.

Source: E. Hoffer, I. Hubara and D. Soudry, Train longer, generalize better, NeurIPS 2017, arXiv 1705.08741.
"""

import torch
from torch import nn

from normlab.norms.batch import like_batch
from normlab.norms.slot import EPS, Slot


class GhostBatchNorm(nn.BatchNorm2d):
    """Batch norm with the statistics of chunks of `images`; its `num_batches_tracked` counts chunks."""

    def __init__(self, channels: int, images: int, eps: float = EPS) -> None:
        super().__init__(channels, eps=eps)
        self.images = images

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(N, C, H, W) to the same shape."""
        if not self.training:
            return super().forward(x)
        return torch.cat([super(GhostBatchNorm, self).forward(chunk) for chunk in torch.split(x, self.images)])

    def extra_repr(self) -> str:
        """With the images of a chunk."""
        return f"{super().extra_repr()}, images={self.images}"  # type: ignore[no-untyped-call]

    def plain(self) -> nn.BatchNorm2d:
        """The batch norm that it is in evaluation."""
        return like_batch(self)


def ghost(slot: Slot, images: int) -> nn.Module:
    """Ghost batch norm over chunks of `images` for the slot's channels."""
    return GhostBatchNorm(slot.channels, images)
