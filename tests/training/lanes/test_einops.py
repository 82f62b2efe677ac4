"""Networks that are written with einops, as most transformers of small repositories are; steps are float64's."""

from __future__ import annotations

from collections.abc import Callable

import against_float64
import pytest
import torch
from einops import rearrange, reduce, repeat
from einops.layers.torch import Rearrange, Reduce
from torch import nn

pytestmark = pytest.mark.slow  # each compiles a network

CLOSE = 1e-5
COUNT, SHAPE, WIDTH = 19, (2, 16, 16), 12
T = torch.Tensor


class Attention(nn.Module):
    """A class token, tokens of its own that are repeated, heads, and the mean of all."""

    def __init__(self) -> None:
        super().__init__()
        self.patches, self.head = nn.Conv2d(2, WIDTH, 4, 4), nn.Linear(WIDTH, 3)
        self.qkv, self.out = nn.Linear(WIDTH, 3 * WIDTH, bias=False), nn.Linear(WIDTH, WIDTH)
        self.token, self.more = nn.Parameter(torch.randn(1, 1, WIDTH)), nn.Parameter(torch.randn(2, WIDTH))
        self.norm = nn.LayerNorm(WIDTH)

    def forward(self, x: T) -> T:
        """(N, C, H, W) to (N, 3)."""
        x = rearrange(self.patches(x), "b c h w -> b (h w) c")
        token, more = (
            repeat(self.token, "1 1 d -> b 1 d", b=x.shape[0]),
            repeat(self.more, "n d -> b n d", b=x.shape[0]),
        )
        x = torch.cat((token, x, self.norm(more)), dim=1)
        q, k, v = (rearrange(each, "b n (h d) -> b h n d", h=3) for each in self.qkv(x).chunk(3, dim=-1))
        shares = (torch.einsum("b h i d, b h j d -> b h i j", q, k) / 2).softmax(dim=-1)
        x = x + self.out(rearrange(shares @ v, "b h n d -> b n (h d)"))
        logits: T = self.head(reduce(x, "b n d -> b d", "mean"))
        return logits


class Windows(nn.Module):
    """A norm that is written out, windows with a bias from an embedding, and a gate of the windows' maxima."""

    def __init__(self) -> None:
        super().__init__()
        self.stem, self.head = nn.Conv2d(2, WIDTH, 2, 2), nn.Linear(WIDTH, 3)
        self.g, self.b = nn.Parameter(torch.rand(1, WIDTH, 1, 1)), nn.Parameter(torch.randn(1, WIDTH, 1, 1))
        self.bias = nn.Embedding(7, 2)
        self.register_buffer("apart", torch.arange(4)[:, None] - torch.arange(4) + 3)
        self.qkv = nn.Conv2d(WIDTH, 3 * WIDTH, 1)

    def forward(self, x: T) -> T:
        """(N, C, H, W) to (N, 3)."""
        x = self.stem(x)
        mean, var = x.mean(dim=1, keepdim=True), torch.var(x, dim=1, unbiased=False, keepdim=True)
        y = (x - mean) / (var + 1e-5).sqrt() * self.g + self.b
        parts = "b (h d) (x p) (y q) -> (b x y) h (p q) d"
        q, k, v = (rearrange(each, parts, h=2, p=2, q=2) for each in self.qkv(y).chunk(3, dim=1))
        scores = q @ k.transpose(-1, -2) * 0.4 + rearrange(self.bias(self.apart), "i j h -> h i j")
        x = x + rearrange(scores.softmax(-1) @ v, "(b x y) h (p q) d -> b (h d) (x p) (y q)", x=4, y=4, p=2, q=2)
        x = x * torch.sigmoid(reduce(x, "b c (x p) (y q) -> b c 1 1", "max", p=2, q=2))
        logits: T = self.head(x.mean((2, 3)))
        return logits


def patches() -> nn.Module:
    """Layers alone, with a softmax over a single token."""
    return nn.Sequential(
        Rearrange("b c (h p) (w q) -> b (h w) (p q c)", p=8, q=8),
        nn.LayerNorm(128),
        nn.Linear(128, WIDTH),
        Reduce("b n d -> b d", "mean"),
        nn.Linear(WIDTH, 3),
    )


@pytest.mark.parametrize("seen_before", [False, True])
@pytest.mark.parametrize("make", [Attention, Windows, patches])
def test_a_step_is_float64s(make: Callable[[], nn.Module], seen_before: bool) -> None:
    """Gradient and scores; also where einops has seen as many real images as are traced, and remembers that."""
    torch.manual_seed(1)
    model = make()
    if seen_before:
        model(torch.randn(2, *SHAPE))
    gradient, scores, _ = against_float64.step(model, SHAPE, COUNT)
    assert gradient <= CLOSE
    assert scores <= CLOSE
    assert model(torch.randn(2, *SHAPE)).shape == (2, 3)
