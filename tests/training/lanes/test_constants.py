"""Tensors that a network has and does not learn: positions, masks of shifted windows, blurs; steps are float64's."""

from __future__ import annotations

from collections.abc import Callable

import against_float64
import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional as F

from normlab.errors import EngineError
from normlab.training.lanes.plain import check_plain

pytestmark = pytest.mark.slow  # each compiles a network

CLOSE = 1e-5
COUNT, SHAPE, WIDTH = 19, (2, 16, 16), 12
T = torch.Tensor


class Patches(nn.Module):
    """Patches of 4 × 4 as tokens, (N, 16, width), something that is done to them, and their mean."""

    def __init__(self, body: nn.Module) -> None:
        super().__init__()
        self.patches, self.body, self.head = nn.Conv2d(2, WIDTH, 4, 4), body, nn.Linear(WIDTH, 3)

    def forward(self, x: T) -> T:
        """(N, C, H, W) to (N, 3)."""
        logits: T = self.head(self.body(self.patches(x).flatten(2).transpose(1, 2)).mean(1))
        return logits


class Fixed(nn.Module):
    """Sines and cosines of where a token is (Vaswani et al. 2017), a factor for each feature, and a parameter."""

    def __init__(self) -> None:
        super().__init__()
        angles = torch.arange(16)[:, None] / 100 ** (torch.arange(0, WIDTH, 2) / WIDTH)
        self.register_buffer("positions", torch.stack((angles.sin(), angles.cos()), 2).flatten(1))
        self.register_buffer("factor", torch.rand(WIDTH) + 0.5, persistent=False)
        self.shift = nn.Parameter(torch.randn(WIDTH))

    def forward(self, x: T) -> T:
        """(N, T, width)."""
        return (x + self.positions) * self.factor + (self.shift + self.factor)


class MadeHere(nn.Module):
    """Positions that are made in each pass, and a layer that is run on them."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Sequential(nn.Linear(2, 8), nn.ReLU(inplace=True), nn.Linear(8, WIDTH))

    def forward(self, x: T) -> T:
        """(N, T, width)."""
        axis = torch.linspace(-1, 1, 4, dtype=x.dtype)
        down, across = torch.meshgrid(axis, axis, indexing="ij")
        return x + self.layer(torch.stack((down.flatten(), across.flatten()), 1))


class Blurred(nn.Module):
    """A blur before every second position is left out (Zhang 2019)."""

    def __init__(self) -> None:
        super().__init__()
        self.conv, self.head = nn.Conv2d(2, 5, 3), nn.Linear(5, 3)
        taps = torch.tensor([1.0, 2.0, 1.0])
        self.register_buffer("blur", (taps[:, None] * taps / 16).repeat(5, 1, 1, 1))

    def forward(self, x: T) -> T:
        """(N, C, H, W) to (N, 3)."""
        x = F.conv2d(F.pad(F.relu(self.conv(x)), (1, 1, 1, 1), "reflect"), self.blur, stride=2, groups=5)
        logits: T = self.head(x.mean((2, 3)))
        return logits


class HalfFixed(nn.Module):
    """Queries and values have biases, keys have zeros, as in BEiT."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(3 * WIDTH, WIDTH) / 4)
        self.q, self.v = nn.Parameter(torch.randn(WIDTH)), nn.Parameter(torch.randn(WIDTH))
        self.register_buffer("k", torch.zeros(WIDTH))

    def forward(self, x: T) -> T:
        """(N, T, width)."""
        qkv = F.linear(x, self.weight, torch.cat((self.q, self.k, self.v)))
        q, k, v = qkv.reshape(*x.shape[:2], 3, 3, 4).permute(2, 0, 3, 1, 4).unbind(0)
        return F.scaled_dot_product_attention(q, k, v).transpose(1, 2).reshape(x.shape)


class Shifted(nn.Module):
    """Attention within windows of 2 × 2 that are shifted by one, with a mask (Liu et al. 2021)."""

    def __init__(self) -> None:
        super().__init__()
        self.norm, self.qkv, self.out = nn.LayerNorm(WIDTH), nn.Linear(WIDTH, 3 * WIDTH), nn.Linear(WIDTH, WIDTH)
        self.table = nn.Parameter(torch.randn(9, 3))
        at = torch.stack(torch.meshgrid(torch.arange(2), torch.arange(2), indexing="ij")).flatten(1)
        apart = (at[:, :, None] - at[:, None]) + 1
        self.register_buffer("apart", apart[0] * 3 + apart[1])
        whose = torch.zeros(4, 4)
        for k, (rows, columns) in enumerate((r, c) for r in _PARTS for c in _PARTS):
            whose[rows, columns] = k
        windows = whose.view(2, 2, 2, 2).transpose(1, 2).reshape(4, 4)
        self.register_buffer("mask", (windows[:, None] != windows[:, :, None]).float() * -100)

    def attend(self, x: T) -> T:
        """(N · windows, 4, width)."""
        n = x.shape[0]
        q, k, v = self.qkv(x).reshape(n, 4, 3, 3, 4).permute(2, 0, 3, 1, 4).unbind(0)
        bias = self.table[self.apart.view(-1)].view(4, 4, 3).permute(2, 0, 1)
        scores = q * 0.5 @ k.transpose(-2, -1) + bias.unsqueeze(0)
        scores = (scores.view(n // 4, 4, 3, 4, 4) + self.mask.unsqueeze(1).unsqueeze(0)).view(-1, 3, 4, 4)
        return self.out((scores.softmax(-1) @ v).transpose(1, 2).reshape(n, 4, WIDTH))

    def forward(self, x: T) -> T:
        """(N, T, width)."""
        n = x.shape[0]
        y = torch.roll(self.norm(x).view(n, 4, 4, WIDTH), (-1, -1), (1, 2))
        y = self.attend(y.view(n, 2, 2, 2, 2, WIDTH).transpose(2, 3).reshape(-1, 4, WIDTH))
        y = y.view(n, 2, 2, 2, 2, WIDTH).transpose(2, 3).reshape(n, 4, 4, WIDTH)
        return x + torch.roll(y, shifts=(1, 1), dims=(1, 2)).reshape(n, 16, WIDTH)


_PARTS = slice(0, -2), slice(-2, -1), slice(-1, None)


class Turns(nn.Module):
    """Channels and rows are turned around, by more than there are, by nothing, and back."""

    def __init__(self) -> None:
        super().__init__()
        self.conv, self.head = nn.Conv2d(2, 5, 4, 4), nn.Linear(80, 3)

    def forward(self, x: T) -> T:
        """(N, C, H, W) to (N, 3)."""
        x = torch.roll(self.conv(x), 7, 1).roll(shifts=(-1, 4), dims=(-2, 3))
        logits: T = self.head(x.flatten(1).roll(33, 1))
        return logits


class Cropped(nn.Module):
    """Windows of 3 × 3 over 4 × 4 tokens: what they reach over the edge is cut off again."""

    def __init__(self) -> None:
        super().__init__()
        self.mix = nn.Linear(9, 9)

    def forward(self, x: T) -> T:
        """(N, T, width)."""
        n = x.shape[0]
        y = F.pad(x.view(n, 4, 4, WIDTH), (0, 0, 0, 2, 0, 2))
        y = y.view(n, 2, 3, 2, 3, WIDTH).transpose(2, 3).reshape(-1, 9, WIDTH)
        y = self.mix(y.transpose(1, 2)).transpose(1, 2)
        y = y.reshape(n, 2, 2, 3, 3, WIDTH).transpose(2, 3).reshape(n, 6, 6, WIDTH)[:, :4, :4, :]
        return x + y.reshape(n, 16, WIDTH)


class Pooled(nn.Module):
    """Tokens put together by layers of one dimension."""

    def __init__(self) -> None:
        super().__init__()
        self.patches, self.head = nn.Conv2d(2, WIDTH, 4, 4), nn.Linear(WIDTH, 3)
        self.mean, self.largest = nn.AdaptiveAvgPool1d(1), nn.AdaptiveMaxPool1d(1)

    def forward(self, x: T) -> T:
        """(N, C, H, W) to (N, 3)."""
        tokens = self.patches(x).flatten(2).transpose(1, 2)
        y = self.mean(tokens.transpose(1, 2)) + self.largest(F.gelu(tokens).transpose(1, 2))
        logits: T = self.head(y.flatten(1))
        return logits


NETWORKS: dict[str, Callable[[], nn.Module]] = {
    "fixed positions": lambda: Patches(Fixed()),
    "positions made in each pass": lambda: Patches(MadeHere()),
    "a blur": Blurred,
    "biases of which some are fixed": lambda: Patches(HalfFixed()),
    "shifted windows": lambda: Patches(nn.Sequential(Shifted(), Shifted())),
    "turned around": Turns,
    "windows over the edge": lambda: Patches(Cropped()),
    "pools of tokens": Pooled,
}


@pytest.mark.parametrize("which", NETWORKS)
def test_a_step_is_float64s(which: str) -> None:
    """Gradient and scores."""
    torch.manual_seed(1)
    gradient, scores, _ = against_float64.step(NETWORKS[which](), SHAPE, COUNT)
    assert gradient <= CLOSE
    assert scores <= CLOSE


class Strange(nn.Module):
    """What it does to tokens, with a buffer to do it with."""

    def __init__(self, does: Callable[[Strange, T], T]) -> None:
        super().__init__()
        self.does = does
        self.register_buffer("own", torch.ones(WIDTH))

    def forward(self, x: T) -> T:
        """(N, T, width)."""
        return self.does(self, x)


def counting(self: Strange, x: T) -> T:
    """A buffer that is another in each pass."""
    self.own += 1
    return x * self.own


STRANGE: dict[str, tuple[Callable[[Strange, T], T], str]] = {
    "torch's numbers": (lambda _, x: x * torch.rand(WIDTH), "a tensor that no module makes"),
    "numpy's numbers": (
        lambda _, x: x * torch.from_numpy(np.random.rand(WIDTH).astype(np.float32)),  # noqa: NPY002
        "what it computes without images is not the same each time",
    ),
    "a buffer that it changes": (counting, "the network changes it by itself"),
    "another in eval mode": (
        lambda self, x: x * (self.own * 2 if self.training else self.own),
        "what it computes without images is not the same each time",
    ),
}


@pytest.mark.parametrize("which", STRANGE)
def test_what_is_another_each_time_is_no_constant(which: str) -> None:
    """It is refused in one line."""
    does, told = STRANGE[which]
    with pytest.raises(EngineError) as caught:
        check_plain(Patches(Strange(does)), SHAPE)
    assert told in str(caught.value)
    assert "\n" not in str(caught.value)
