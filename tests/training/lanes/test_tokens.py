"""Networks that look at images as tokens: attention, mixers, class tokens, windows; steps are those of float64."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import against_float64
import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional as F

from normlab.errors import EngineError
from normlab.training.lanes.network import Network
from normlab.training.lanes.plain import check_plain
from normlab.training.lanes.target import Target, host
from normlab.training.masks import Masks

pytestmark = pytest.mark.slow  # each compiles a network

CLOSE = 1e-5
COUNT, SHAPE, WIDTH = 19, (2, 12, 8), 12
T = torch.Tensor


class Tokens(nn.Module):
    """Patches of 4 × 4, something that is done to them, and the mean over what is left."""

    def __init__(self, body: nn.Module, positions: bool = False, token: bool = False, first: bool = False) -> None:
        super().__init__()
        self.patches, self.body, self.first = nn.Conv2d(SHAPE[0], WIDTH, 4, 4), body, first
        self.token = nn.Parameter(torch.randn(1, 1, WIDTH)) if token else None
        self.positions = nn.Parameter(torch.randn(1, 6 + token, WIDTH)) if positions else None
        self.head = nn.Linear(WIDTH, 3)

    def forward(self, x: T) -> T:
        """(N, C, H, W) to (N, 3)."""
        x = self.patches(x).flatten(2).transpose(1, 2)
        if self.token is not None:
            x = torch.cat((self.token.expand(x.shape[0], -1, -1), x), dim=1)
        if self.positions is not None:
            x = x + self.positions
        x = self.body(x)
        logits: T = self.head(x[:, 0] if self.first else x.mean(1))
        return logits


class Own(nn.Module):
    """Two linear layers around a function of (N, T, width) and of queries, keys and values (N, h, T, d)."""

    def __init__(self, attend: Callable[[T, T, T], T], heads: int = 3, bias: bool = True) -> None:
        super().__init__()
        self.attend, self.heads = attend, heads
        self.qkv, self.out = nn.Linear(WIDTH, 3 * WIDTH, bias), nn.Linear(WIDTH, WIDTH)

    def forward(self, x: T) -> T:
        """(N, T, width), beside a shortcut."""
        n, t, c = x.shape
        q, k, v = self.qkv(x).reshape(n, t, 3, self.heads, c // self.heads).permute(2, 0, 3, 1, 4).unbind(0)
        return x + self.out(self.attend(q, k, v).transpose(1, 2).reshape(n, t, c))


def by_hand(q: T, k: T, v: T) -> T:
    """As many write it."""
    scores = (q * q.shape[-1] ** -0.5) @ k.transpose(-2, -1)
    return torch.matmul(scores.softmax(dim=-1), v)


def over_features(q: T, k: T, v: T) -> T:
    """Features attend to features, so that what comes of it lies the other way."""
    return (v @ F.softmax(q.transpose(-2, -1) @ k, dim=-2)).contiguous()


def by_letters(q: T, k: T, v: T) -> T:
    """As sums over letters."""
    shares = torch.einsum("bhid,bhjd->bhij", q, k).softmax(-1)
    return torch.einsum("bhij, bhjd -> bihd", shares, v).transpose(1, 2)


class ByChunks(nn.Module):
    """One layer, cut into three by features."""

    def __init__(self) -> None:
        super().__init__()
        self.qkv = nn.Linear(WIDTH, 3 * WIDTH)

    def forward(self, x: T) -> T:
        """(N, T, width)."""
        n, t, c = x.shape
        q, k, v = (part.view(n, t, 2, c // 2).transpose(1, 2) for part in self.qkv(x).chunk(3, dim=-1))
        shares = torch.softmax(q @ k.mT / (c // 2) ** 0.5, dim=-1)
        return x + torch.matmul(shares, v).permute(0, 2, 1, 3).flatten(2)


class ByThree(nn.Module):
    """Queries, keys and values of layers of their own, each viewed and transposed."""

    def __init__(self) -> None:
        super().__init__()
        self.q, self.k, self.v = (nn.Linear(WIDTH, WIDTH) for _ in range(3))

    def forward(self, x: T) -> T:
        """(N, T, width)."""
        n, t, c = x.size()
        q, k, v = (layer(x).view(n, t, 2, c // 2).transpose(1, 2) for layer in (self.q, self.k, self.v))
        return F.scaled_dot_product_attention(q, k, v, scale=0.3).transpose(1, 2).contiguous().view(n, -1, c)


class KeysTogether(nn.Module):
    """Queries apart, keys and values of one layer, as in pyramids of transformers."""

    def __init__(self) -> None:
        super().__init__()
        self.q, self.kv, self.norm = nn.Linear(WIDTH, WIDTH), nn.Linear(WIDTH, 2 * WIDTH), nn.LayerNorm(WIDTH)

    def forward(self, x: T) -> T:
        """(N, T, width)."""
        n, t, c = x.shape
        q = self.q(x).reshape(n, t, 3, 4).permute(0, 2, 1, 3)
        kv = self.kv(self.norm(x)).reshape(n, -1, 2, 3, 4).permute(2, 0, 3, 1, 4)
        return F.scaled_dot_product_attention(q, kv[0], kv[1]).transpose(1, 2).reshape(n, t, c)


class Scored(nn.Module):
    """Tokens put together by scores of their own (Hassani et al. 2021)."""

    def __init__(self) -> None:
        super().__init__()
        self.score = nn.Linear(WIDTH, 1)

    def forward(self, x: T) -> T:
        """(N, T, width)."""
        shares = self.score(x).softmax(1).squeeze(-1)
        return x + torch.einsum("b n, b n d -> b d", shares, x).unsqueeze(1)


def crossed(q: T, k: T, v: T) -> T:
    """Queries that were put together from pieces lie otherwise than keys."""
    q = torch.cat((q[..., ::2], q[..., 1::2]), -1)
    return (q @ k.transpose(-2, -1)).softmax(-1) @ v


class Single(nn.Module):
    """A mean over one token alone."""

    def forward(self, x: T) -> T:
        """(N, T, width)."""
        y = x[:, 2:3]
        return x * torch.sigmoid(y.mean(1)).unsqueeze(1) + y.sum(dim=1, keepdim=True)


class Placed(nn.Module):
    """A bias on scores that is picked from a table by how far two tokens are apart, as in Swin and LeViT."""

    def __init__(self, as_mask: bool) -> None:
        super().__init__()
        self.as_mask, self.own = as_mask, Own(self.attend)
        self.table = nn.Parameter(torch.randn(11, 3))
        self.register_buffer("apart", torch.arange(6)[:, None] - torch.arange(6) + 5)

    def attend(self, q: T, k: T, v: T) -> T:
        """(N, h, T, d) each."""
        bias = self.table[self.apart.view(-1)].view(6, 6, -1).permute(2, 0, 1).contiguous().unsqueeze(0)
        if self.as_mask:
            return F.scaled_dot_product_attention(q, k, v, attn_mask=bias)
        return (q @ k.transpose(-2, -1) + bias).softmax(-1) @ v

    def forward(self, x: T) -> T:
        """(N, T, width)."""
        y: T = self.own(x)
        return y


class Multihead(nn.Module):
    """PyTorch's own layer, as it is by default or with images first."""

    def __init__(self, first: bool) -> None:
        super().__init__()
        self.first = first
        self.norm, self.attention = nn.LayerNorm(WIDTH), nn.MultiheadAttention(WIDTH, 3, batch_first=first)

    def forward(self, x: T) -> T:
        """(N, T, width)."""
        if self.first:
            y = self.norm(x)
            return x + self.attention(y, y, y, need_weights=False)[0]
        y = self.norm(x.permute(1, 0, 2))
        found, _ = self.attention(y, y, y)
        return x + found.permute(1, 0, 2)


def encoder(first: bool) -> nn.Module:
    """PyTorch's own encoder."""
    layer = nn.TransformerEncoderLayer(
        WIDTH, 2, 2 * WIDTH, 0.0, F.gelu if first else F.relu, batch_first=True, norm_first=first
    )
    return nn.TransformerEncoder(layer, 2, enable_nested_tensor=False)


class Mixer(nn.Module):
    """Linear over tokens, then over features (Tolstikhin et al. 2021)."""

    def __init__(self) -> None:
        super().__init__()
        self.norm, self.tokens, self.features = nn.LayerNorm(WIDTH), nn.Linear(6, 6), nn.Linear(WIDTH, WIDTH)

    def forward(self, x: T) -> T:
        """(N, T, width)."""
        x = x + F.gelu(self.tokens(self.norm(x).transpose(1, 2))).transpose(1, 2)
        return x + self.features(x)


class Tempered(nn.Module):
    """Scores with a temperature for each head, as in XCiT."""

    def __init__(self) -> None:
        super().__init__()
        self.temperature, self.own = nn.Parameter(torch.rand(3, 1, 1) + 1), Own(self.attend)

    def attend(self, q: T, k: T, v: T) -> T:
        """(N, h, T, d) each."""
        return (q @ k.transpose(-2, -1) * self.temperature).softmax(-1) @ (v * self.temperature)

    def forward(self, x: T) -> T:
        """(N, T, width)."""
        y: T = self.own(x)
        return y


class Windows(nn.Module):
    """Attention within windows of 1 × 2 tokens, images and windows together in front (Liu et al. 2021)."""

    def __init__(self) -> None:
        super().__init__()
        self.norm, self.inner = nn.LayerNorm(WIDTH), Own(self.attend)
        self.bias = nn.Parameter(torch.randn(3, 2, 2))

    def attend(self, q: T, k: T, v: T) -> T:
        """(N · windows, h, 2, d) each, with a bias for each head."""
        return F.scaled_dot_product_attention(q, k, v, self.bias)

    def forward(self, x: T) -> T:
        """(N, T, width) of 3 × 2 tokens."""
        n, t, c = x.shape
        windows = self.norm(x).view(n, 3, 1, 1, 2, c).permute(0, 1, 3, 2, 4, 5).contiguous().view(-1, 2, c)
        windows = self.inner(windows).view(n, 3, 1, 1, 2, c).permute(0, 1, 3, 2, 4, 5).reshape(n, t, c)
        return x + windows


class Turned(nn.Module):
    """Norms on (N, width, T)."""

    def __init__(self) -> None:
        super().__init__()
        self.norms = nn.Sequential(nn.BatchNorm1d(WIDTH), nn.GroupNorm(3, WIDTH), nn.GELU(), nn.GroupNorm(1, WIDTH))

    def forward(self, x: T) -> T:
        """(N, T, width)."""
        y: T = self.norms(x.transpose(1, 2)).transpose(1, 2)
        return y


class Merged(nn.Module):
    """Batch norm on (N · T, width), as in LeViT."""

    def __init__(self) -> None:
        super().__init__()
        self.next, self.norm = nn.Linear(WIDTH, WIDTH), nn.BatchNorm1d(WIDTH)

    def forward(self, x: T) -> T:
        """(N, T, width)."""
        x = self.next(x)
        return self.norm(x.flatten(0, 1)).reshape_as(x)


class Shifted(nn.Module):
    """An affine map in one call, as in ResMLP."""

    def __init__(self) -> None:
        super().__init__()
        self.alpha, self.beta = nn.Parameter(torch.randn(1, 1, WIDTH)), nn.Parameter(torch.randn(1, 1, WIDTH))

    def forward(self, x: T) -> T:
        """(N, T, width)."""
        return torch.addcmul(self.beta, self.alpha, x)


class Asks(nn.Module):
    """One query of pooled features to all positions, as in class attention."""

    def __init__(self) -> None:
        super().__init__()
        self.patches, self.query, self.head = nn.Conv2d(2, 8, 4, 4), nn.Linear(8, 8), nn.Linear(8, 3)

    def forward(self, x: T) -> T:
        """(N, 2, 12, 8)."""
        tokens = self.patches(x).flatten(2).transpose(1, 2)
        asked = self.query(tokens.mean(1)).unsqueeze(1).reshape(len(x), 1, 2, 4).permute(0, 2, 1, 3)
        kept = tokens.reshape(len(x), -1, 2, 4).permute(0, 2, 1, 3)
        found = F.scaled_dot_product_attention(asked, kept, kept).transpose(1, 2).reshape(len(x), 8)
        y: T = self.head(found)
        return y


class Means(nn.Module):
    """Means, sums and maxima over rows, columns and channels, with and without their dimensions."""

    def __init__(self) -> None:
        super().__init__()
        self.one, self.head = nn.Conv2d(2, 6, 3, padding=1), nn.Linear(6 + 8 + 12, 3)

    def forward(self, x: T) -> T:
        """(N, 2, 12, 8)."""
        x = self.one(x)
        x = x * x.mean(1, keepdim=True) + x * torch.sigmoid(x.mean(dim=3, keepdim=True))
        last = x.permute(0, 2, 3, 1)
        parts = last.mean(2).mean(1), x.sum(dim=2).amax(1), torch.tanh(x.sum((1, 3)))
        y: T = self.head(torch.cat(parts, 1))
        return y


class Responses(nn.Module):
    """Global response normalization over channels last (Woo et al. 2023)."""

    def __init__(self, of: str = "norm") -> None:
        super().__init__()
        self.of, self.one, self.head = of, nn.Conv2d(2, 6, 3, padding=1), nn.Linear(6, 3)
        self.weight, self.bias = nn.Parameter(torch.randn(6)), nn.Parameter(torch.randn(6))

    def forward(self, x: T) -> T:
        """(N, 2, 12, 8)."""
        x = F.relu(self.one(x)).permute(0, 2, 3, 1)
        if self.of == "norm":
            size = x.norm(p=2, dim=(1, 2), keepdim=True)
        else:
            size = torch.linalg.vector_norm(x, ord=2, dim=(1, 2), keepdim=True)
        x = x + torch.addcmul(
            self.bias.view(1, 1, 1, -1), self.weight.view(1, 1, 1, -1), size / (size.mean(-1, keepdim=True) + 1e-6) * x
        )
        y: T = self.head(x.mean((1, 2)))
        return y


class Powers(nn.Module):
    """What products, divisions and square roots make of numbers above 0."""

    def __init__(self) -> None:
        super().__init__()
        self.one, self.head = nn.Conv2d(2, 6, 4, 4), nn.Linear(6, 3)

    def forward(self, x: T) -> T:
        """(N, 2, 12, 8)."""
        x = F.softplus(self.one(x)) + 0.1
        x = x**2 + x.pow(3) / x.sqrt() + 1 / x + torch.rsqrt(x) * x.square() - x**-2 + torch.reciprocal(x)
        y: T = self.head((x / x.sum(1, keepdim=True)).mean((2, 3)))
        return y


def of_unit_length(q: T, k: T, v: T) -> T:
    """Cosines of features over tokens, as in XCiT."""
    q, k = F.normalize(q.transpose(-2, -1), dim=-1), F.normalize(k.transpose(-2, -1), dim=-1)
    return ((q @ k.transpose(-2, -1)).softmax(-1) @ v.transpose(-2, -1)).transpose(-2, -1)


class Selected(nn.Module):
    """Branches that are stacked, weighed by a softmax over them, and summed (Li et al. 2019)."""

    def __init__(self) -> None:
        super().__init__()
        self.branches = nn.ModuleList(nn.Conv2d(2, 4, k, padding=k // 2) for k in (1, 3, 5))
        self.weigh, self.head = nn.Linear(4, 12), nn.Linear(4, 3)

    def forward(self, x: T) -> T:
        """(N, 2, 12, 8)."""
        x = torch.stack([branch(x) for branch in self.branches], dim=1)
        shares = torch.softmax(self.weigh(x.sum(1).mean((2, 3))).view(-1, 3, 4, 1, 1), dim=1)
        y: T = self.head(torch.tanh(torch.sum(x * shares, dim=1)).amax((2, 3)))
        return y


class Larger(nn.Module):
    """Smaller planes made as large as they were, by a layer and by a function."""

    def __init__(self) -> None:
        super().__init__()
        self.one, self.two = nn.Conv2d(2, 4, 3, 2, 1), nn.Conv2d(4, 4, 3, 2, 1)
        self.larger, self.head = nn.Upsample(scale_factor=2), nn.Linear(4, 3)

    def forward(self, x: T) -> T:
        """(N, 2, 12, 8)."""
        x = torch.tanh(self.one(x))
        x = F.interpolate(x + self.larger(self.two(x)), size=(12, 24), mode="nearest")
        y: T = self.head(torch.tanh(x).mean((2, 3)))
        return y


class Named(nn.Module):
    """Layers that have the names of methods."""

    def __init__(self) -> None:
        super().__init__()
        self.view, self.mean, self.norm = nn.Conv2d(2, WIDTH, 4, 4), nn.LayerNorm(WIDTH), nn.GELU()
        self.mul, self.transpose, self.clone = nn.Linear(WIDTH, WIDTH), nn.ReLU(), nn.Linear(WIDTH, 3)

    def forward(self, x: T) -> T:
        """(N, 2, 12, 8)."""
        x = self.norm(self.mean(self.view(x).flatten(2).permute(0, 2, 1)))
        y: T = self.clone(self.transpose(self.mul(x))).mean(1)
        return y


class Flat(nn.Module):
    """Each token by itself, as (N · T, width), through a norm of features."""

    def __init__(self, norm: nn.Module) -> None:
        super().__init__()
        self.norm, self.next = norm, nn.Linear(WIDTH, WIDTH)

    def forward(self, x: T) -> T:
        """(N, T, width)."""
        return torch.tanh(self.next(self.norm(x.reshape(-1, WIDTH, 1, 1)).view(x.shape)))


def _of(head: nn.Module) -> nn.Module:
    """A tail that flattens tokens as they lie."""
    return nn.Sequential(nn.Conv2d(2, WIDTH, 4, 4), Lay(), nn.Flatten(), head)


class Lay(nn.Module):
    """Images as tokens."""

    def forward(self, x: T) -> T:
        """(N, C, H, W) to (N, T, C)."""
        return x.flatten(2).transpose(1, 2)


class Rearranged(nn.Module):
    """Pixels become channels and others come back, in orders that no layer of PyTorch has."""

    def __init__(self) -> None:
        super().__init__()
        self.one, self.head = nn.Conv2d(8, 4, 3, padding=1), nn.Linear(4, 3)

    def forward(self, x: T) -> T:
        """(N, 2, 12, 8)."""
        n, c, h, w = x.shape
        x = x.view(n, c, h // 2, 2, w // 2, 2).permute(0, 3, 5, 1, 2, 4).reshape(n, 4 * c, h // 2, w // 2)
        x = torch.relu(self.one(x)).permute(0, 3, 1, 2).reshape(n, 4, 6, 4)
        y: T = self.head(x.amax((2, 3)))
        return y


NETWORKS: dict[str, Callable[[], nn.Module]] = {
    "attention": lambda: Tokens(Own(F.scaled_dot_product_attention)),
    "attention by hand": lambda: Tokens(Own(by_hand, bias=False)),
    "attention by letters": lambda: Tokens(Own(by_letters)),
    "attention by chunks": lambda: Tokens(ByChunks()),
    "attention over features": lambda: Tokens(Own(over_features, heads=2)),
    "queries, keys and values apart": lambda: Tokens(ByThree()),
    "keys and values together": lambda: Tokens(KeysTogether()),
    "positions": lambda: Tokens(nn.GELU(), positions=True),
    "a class token": lambda: Tokens(Own(F.scaled_dot_product_attention), positions=True, token=True, first=True),
    "a class token in the mean": lambda: Tokens(nn.Linear(WIDTH, WIDTH), token=True),
    "a pool by scores": lambda: Tokens(Scored()),
    "products of what lies in different ways": lambda: Tokens(Own(crossed)),
    "two blocks": lambda: Tokens(nn.Sequential(Own(by_hand), Own(F.scaled_dot_product_attention)), token=True),
    "a bias by distance": lambda: Tokens(Placed(as_mask=False)),
    "a bias by distance as a mask": lambda: Tokens(Placed(as_mask=True)),
    "PyTorch's attention": lambda: Tokens(Multihead(first=True)),
    "PyTorch's attention, tokens first": lambda: Tokens(Multihead(first=False)),
    "PyTorch's encoder": lambda: Tokens(encoder(first=True), positions=True),
    "PyTorch's encoder, norms behind": lambda: Tokens(encoder(first=False), token=True, first=True),
    "a temperature for each head": lambda: Tokens(Tempered()),
    "a mixer": lambda: Tokens(nn.Sequential(Mixer(), nn.LayerNorm(WIDTH))),
    "windows": lambda: Tokens(Windows()),
    "each token alone": lambda: Tokens(Flat(nn.GroupNorm(1, WIDTH))),
    "root mean squares": lambda: Tokens(nn.Sequential(nn.RMSNorm(WIDTH), nn.Linear(WIDTH, WIDTH), nn.Tanh())),
    "norms of channels and tokens": lambda: Tokens(Turned()),
    "batch norm of each token": lambda: Tokens(Merged()),
    "parts of a mean": Means,
    "a shift and a factor": lambda: Tokens(Shifted()),
    "a query of features": Asks,
    "global responses": Responses,
    "global responses by linalg": lambda: Responses("linalg"),
    "powers": Powers,
    "attention of unit length": lambda: Tokens(Own(of_unit_length)),
    "larger planes": Larger,
    "branches that are selected": Selected,
    "a linear layer of columns": lambda: nn.Sequential(
        *(nn.Conv2d(2, 4, 3, padding=1), nn.Linear(8, 5), nn.ReLU(), nn.MaxPool2d(3), nn.Flatten(), nn.Linear(16, 3))
    ),
    "one token": lambda: Tokens(Single()),
    "layers called as methods are": Named,
    "tokens flattened": lambda: _of(nn.Linear(6 * WIDTH, 3)),
    "pixels to channels": Rearranged,
    "a flattening of positions": lambda: nn.Sequential(
        *(nn.Conv2d(2, 8, 4, 4), nn.Flatten(2), nn.BatchNorm1d(8), nn.Linear(6, 4), nn.ReLU(), nn.Flatten()),
        nn.Linear(32, 3),
    ),
    "shares of channels": lambda: nn.Sequential(
        *(nn.Conv2d(2, 4, 4, 4), nn.Softmax(1), nn.Conv2d(4, 4, 1), nn.Softmax(-1), nn.Flatten(), nn.Linear(24, 3))
    ),
}


@pytest.mark.parametrize("which", NETWORKS)
def test_a_step_is_float64s(which: str) -> None:
    """Gradient and scores."""
    torch.manual_seed(1)
    gradient, scores, _ = against_float64.step(NETWORKS[which](), SHAPE, COUNT)
    assert gradient <= CLOSE
    assert scores <= CLOSE


@pytest.mark.parametrize("lanes", [16, 8, 4])
def test_it_is_the_same_on_every_processor(lanes: int) -> None:
    """Tiles of products are smaller where there are fewer registers."""
    if lanes > host().lanes:
        pytest.skip("this processor has no such vectors")
    target = Target(host().cpu, host().features, lanes, 32 if lanes != 8 else 16)
    gradient, scores, _ = against_float64.step(NETWORKS["a class token"](), SHAPE, COUNT, target)
    assert gradient <= CLOSE
    assert scores <= CLOSE


class Skips(nn.Module):
    """Stochastic depth as people write it."""

    def __init__(self, drop_prob: float) -> None:
        super().__init__()
        self.drop_prob = drop_prob

    def forward(self, x: T) -> T:
        """Any shape with images first."""
        if not self.training:
            return x
        kept = torch.rand(x.shape[0], *[1] * (x.dim() - 1)) >= self.drop_prob
        return x * kept / (1 - self.drop_prob)


class Deep(nn.Module):
    """A block of a transformer whose branches are skipped by one layer, called twice."""

    def __init__(self, p: float) -> None:
        super().__init__()
        self.attend, self.mlp, self.skip = Own(by_hand), nn.Sequential(nn.Linear(WIDTH, 9), nn.GELU()), Skips(p)
        self.norm, self.out = nn.LayerNorm(WIDTH), nn.Linear(9, WIDTH)

    def forward(self, x: T) -> T:
        """(N, T, width)."""
        x = x + self.skip(self.attend(x))
        return x + self.skip(self.out(self.mlp(self.norm(x))))


class Residual(nn.Module):
    """A block of a convolutional network whose branch ends in a norm, and is skipped."""

    def __init__(self, p: float) -> None:
        super().__init__()
        self.stem, self.skip, self.head = nn.Conv2d(2, 6, 3), Skips(p), nn.Linear(6, 3)
        self.branch = nn.Sequential(nn.Conv2d(6, 6, 3, padding=1, bias=False), nn.BatchNorm2d(6), nn.ReLU())

    def forward(self, x: T) -> T:
        """(N, C, H, W)."""
        x = self.stem(x)
        logits: T = self.head((x + self.skip(self.branch(x))).mean((2, 3)))
        return logits


class Shares(nn.Module):
    """Attention as a function that drops in training."""

    def __init__(self, p: float) -> None:
        super().__init__()
        self.p, self.own = p, Own(self.attend)

    def attend(self, q: T, k: T, v: T) -> T:
        """(N, h, T, d) each."""
        return F.scaled_dot_product_attention(q, k, v, dropout_p=self.p if self.training else 0.0)

    def forward(self, x: T) -> T:
        """(N, T, width)."""
        y: T = self.own(x)
        return y


def usual_encoder(p: float) -> nn.Module:
    """PyTorch's own, which drops shares of attention as well."""
    layer = nn.TransformerEncoderLayer(WIDTH, 2, 2 * WIDTH, p, batch_first=True)
    return nn.TransformerEncoder(layer, 2, enable_nested_tensor=False)


class WithWeights(nn.Module):
    """PyTorch's attention layer as it is called by most, who throw its weights away."""

    def __init__(self, p: float) -> None:
        super().__init__()
        self.attention = nn.MultiheadAttention(WIDTH, 3, p, batch_first=True)

    def forward(self, x: T) -> T:
        """(N, T, width)."""
        found, _ = self.attention(x, x, x)
        return x + found


DROPPING = {
    "attention that has weights": lambda p: Tokens(WithWeights(p), token=True),
    "shares of attention": lambda p: Tokens(nn.Sequential(Shares(p), Own(by_hand), Shares(p / 2)), token=True),
    "PyTorch's encoder": lambda p: Tokens(usual_encoder(p), positions=True),
    "values of tokens": lambda p: Tokens(
        nn.Sequential(nn.Dropout(p), Own(by_hand), nn.Dropout(p), nn.Linear(WIDTH, WIDTH)), token=True
    ),
    "branches of a transformer": lambda p: Tokens(nn.Sequential(Deep(p), Deep(p / 2)), token=True),
    "branches behind a norm": Residual,
}


@pytest.mark.parametrize("p", [0.25, 0.5])
@pytest.mark.parametrize("kind", DROPPING)
def test_what_is_dropped_is_what_eager_drops(kind: str, p: float) -> None:
    """An image's values are numbered as PyTorch lays them, tokens before features; a layer may be called twice."""
    torch.manual_seed(2)
    model = DROPPING[kind](p)
    masks = Masks(model)
    reference = copy.deepcopy(model).double().train()
    usual = Masks(reference)
    rng = np.random.default_rng(0)
    x, y = rng.standard_normal((COUNT, *SHAPE), np.float32), rng.integers(0, 3, COUNT)
    network = Network(model.train(), SHAPE, COUNT)
    for each in (masks, usual):
        each.begin(0, 1, 2)
    masks.take(network.called)
    network.learn(x, y)
    with usual.passing():
        loss = F.cross_entropy(reference(torch.from_numpy(x).double()), torch.from_numpy(y))
    torch.autograd.backward(loss)
    check_plain(model, SHAPE)
    for got, wanted in zip(model.parameters(), reference.parameters(), strict=True):
        assert got.grad is not None
        assert wanted.grad is not None
        assert float((got.grad - wanted.grad).norm() / wanted.grad.norm()) <= CLOSE


class Strange(nn.Module):
    """What it does to tokens."""

    def __init__(self, does: Callable[[T], T]) -> None:
        super().__init__()
        self.does = does

    def forward(self, x: T) -> T:
        """(N, T, width)."""
        return self.does(x)


def causal(x: T) -> T:
    """Tokens look back alone."""
    y = x.unsqueeze(1)
    return F.scaled_dot_product_attention(y, y, y, is_causal=True).squeeze(1)


def overwritten(x: T) -> T:
    """A token is changed, and with it what it is a part of."""
    x = torch.tanh(x)
    x[:, 1].mul_(2)
    return x


@pytest.mark.parametrize(
    ("does", "told"),
    [
        (lambda x: x + F.conv2d(torch.rand(2, 6, 3, 3), torch.ones(12, 6, 3, 3)).flatten(2).mT, "add"),
        (causal, "scaled_dot_product_attention"),
        (overwritten, "overwrites what is read elsewhere"),
        (lambda x: (x.transpose(0, 1) @ x.permute(1, 2, 0)) @ x.transpose(0, 1), "matmul"),
        (lambda x: x.softmax(0), "softmax"),
        (lambda x: x / torch.linalg.norm(x, ord=2, dim=(1, 2), keepdim=True), "norm"),
        (lambda x: x[torch.tensor([0, 0, 1])], "getitem"),
        (lambda x: torch.cat((x, x), 0), "cat"),
    ],
    ids=[
        "of no image",
        "causal",
        "a view",
        "images with images",
        "over images",
        "of a matrix",
        "some images",
        "more images",
    ],
)
def test_what_mixes_images_or_is_not_understood_is_said(does: Callable[[T], T], told: str) -> None:
    """By the call, in one line."""
    with pytest.raises(EngineError, match=told) as caught:
        Network(Tokens(Strange(does)).train(), SHAPE, COUNT)
    assert len(str(caught.value).splitlines()) == 1


class Attending(nn.Module):
    """PyTorch's attention layer with more of what it can do."""

    def __init__(self, **how: Any) -> None:
        super().__init__()
        self.layer = nn.MultiheadAttention(WIDTH, 3, batch_first=True, **how)

    def forward(self, x: T) -> T:
        """(N, T, width)."""
        found: T = self.layer(x, x, x, need_weights=False)[0]
        return found


@pytest.mark.parametrize(
    ("how", "told"),
    [
        ({"add_zero_attn": True}, "attends to more than its image's tokens"),
        ({"vdim": WIDTH + 1}, "keys or values of another width"),
    ],
)
def test_attention_layers_that_are_not_understood_say_why(how: dict[str, Any], told: str) -> None:
    """By the layer's name."""
    with pytest.raises(EngineError, match=rf"body\.layer \(MultiheadAttention\) .*{told}"):
        Network(Tokens(Attending(**how)).train(), SHAPE, COUNT)
