"""A small vision transformer: 174,922 parameters for 3 × 32×32 and ten classes.

| step                                              | output                  |
|---------------------------------------------------|-------------------------|
| patches of 4×4, linear, + learned positions       | T × 64, T = ⌊H/4⌋·⌊W/4⌋ |
| 4 blocks: x + attention(norm(x)), x + mlp(norm(x))| T × 64                  |
| norm, mean over tokens, linear                    | classes                 |

Attention has 4 heads; the perceptron in a block is linear 64→192, GELU, linear 192→64. With `norm_first` = false norms
stand behind the sums as in the first transformers: norm(x + attention(x)), norm(x + mlp(x)), and none before the mean.
There is no class token. `patch`, `width`, `blocks` and `heads` are free.

Norms are over the features of each token: they see tokens as vectors, (N·T, width, 1, 1), so that `ln` and `rms` are
the registry's own, with PyTorch's formulas. What a norm over several tokens or images would be here is another
question than that of other networks, so it is refused.

Sources: A. Dosovitskiy et al., An Image is Worth 16x16 Words, ICLR 2021, arXiv 2010.11929; R. Xiong et al., On Layer
Normalization in the Transformer Architecture, ICML 2020, arXiv 2002.04745 (before or after).
"""

from __future__ import annotations

from collections import OrderedDict

import torch
from torch import nn
from torch.nn import functional as F

from normlab.errors import NetworkError
from normlab.models.images import CLASSES, MNIST, Shape, behind, check_size
from normlab.norms import NormFactory, Slot

WIDENED = 3
"""The inner width of a perceptron, of the tokens' width."""


class Attention(nn.Module):
    """Each token looks at all of its image: (N, T, width) to the same shape."""

    def __init__(self, width: int, heads: int, dropout: float) -> None:
        super().__init__()
        self.heads = heads
        self.asked = nn.Linear(width, 3 * width)  # queries, keys, values
        self.given = nn.Linear(width, width)
        self.drop = nn.Dropout(dropout)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Softmax over the image's tokens, each head on its own share of the features."""
        images, tokens, width = x.shape
        parts = self.asked(x).view(images, tokens, 3, self.heads, width // self.heads)
        query, key, value = parts.permute(2, 0, 3, 1, 4)
        found = F.scaled_dot_product_attention(query, key, value)
        result: torch.Tensor = self.drop(self.given(found.transpose(1, 2).reshape(images, tokens, width)))
        return result


class Block(nn.Module):
    """Attention and a perceptron, each beside a shortcut, with the norm before it or behind the sum."""

    def __init__(self, norm: NormFactory, name: str, width: int, heads: int, dropout: float, *, first: bool) -> None:
        super().__init__()
        self.first = first
        self.norm1, self.norm2 = (norm(_slot(f"{name}.{called}", width)) for called in ("norm1", "norm2"))
        self.attention = Attention(width, heads, dropout)
        inner = WIDENED * width
        self.mlp = nn.Sequential(nn.Linear(width, inner), nn.GELU(), nn.Linear(inner, width), nn.Dropout(dropout))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(N, T, width) to the same shape."""
        for norm, part in ((self.norm1, self.attention), (self.norm2, self.mlp)):
            x = x + part(_of_tokens(norm, x)) if self.first else _of_tokens(norm, x + part(x))
        return x


class VisionTransformer(nn.Module):
    """(N, C, H, W) to logits (N, classes): the images cut up, `blocks` in a row, and the mean over tokens."""

    def __init__(self, patches: nn.Conv2d, tokens: int, blocks: nn.Module, norm: nn.Module, classes: int) -> None:
        super().__init__()
        width = patches.out_channels
        self.patches = patches
        self.positions = nn.Parameter(nn.init.trunc_normal_(torch.empty(tokens, width), std=0.02))
        self.blocks, self.norm = blocks, norm
        self.classes = nn.Linear(width, classes)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """See the class."""
        tokens = self.patches(x).flatten(2).transpose(1, 2) + self.positions
        logits: torch.Tensor = self.classes(_of_tokens(self.norm, self.blocks(tokens)).mean(1))
        return logits


def vit(
    norm: NormFactory,
    dropout: float = 0.0,
    shape: Shape = MNIST,
    classes: int = CLASSES,
    *,
    patch: int = 4,
    width: int = 64,
    blocks: int = 4,
    heads: int = 4,
    norm_first: bool = True,
) -> nn.Module:
    """The network for images (N, C, H, W) of at least one patch, giving logits (N, classes).

    Raises `NetworkError` for images that are too small, for numbers that make no network, and for norms that do not
    treat each token by itself.
    """
    if type(norm_first) is not bool:
        raise NetworkError(f"model vit: expected norm_first to be true or false, got {norm_first!r}")
    if not all(type(number) is int and number > 0 for number in (patch, width, blocks, heads)) or width % heads:
        told = f"patch={patch!r}, width={width!r}, blocks={blocks!r}, heads={heads!r}"
        raise NetworkError(f"model vit: expected numbers of at least 1, with heads that divide the width, got {told}")
    check_size("vit", shape, patch)
    rows, columns = behind(shape[1:], patch, stride=patch)
    patches = nn.Conv2d(shape[0], width, patch, patch)
    names = [f"block{i}" for i in range(1, blocks + 1)]
    made = {name: Block(norm, f"blocks.{name}", width, heads, dropout, first=norm_first) for name in names}
    last = norm(_slot("norm", width)) if norm_first else nn.Sequential()
    return VisionTransformer(patches, rows * columns, nn.Sequential(OrderedDict(made)), last, classes)


def _slot(name: str, width: int) -> Slot:
    return Slot(name, width, (1, 1), groups=1, tokens=True)


def _of_tokens(norm: nn.Module, x: torch.Tensor) -> torch.Tensor:
    """A norm over the features of each token, (N, T, width)."""
    return norm(x.reshape(-1, x.shape[2], 1, 1)).view(x.shape)  # type: ignore[no-any-return]
