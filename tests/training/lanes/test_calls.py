"""What people call in a forward of their own; steps are float64's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import against_float64
import pytest
import torch
from torch import nn
from torch.nn import functional as F

from normlab.errors import EngineError
from normlab.training.lanes.plain import check_plain

pytestmark = pytest.mark.slow  # each compiles a network

CLOSE = 1e-5
COUNT, SHAPE, WIDTH = 19, (2, 12, 8), 8
T = torch.Tensor


class Calls(nn.Module):
    """A convolution, what a function makes of it, and a linear layer on the mean over what is left of positions."""

    def __init__(self, does: Callable[[Any, T], T], before: nn.Module | None = None, **own: Any) -> None:
        super().__init__()
        self.does = does
        self.stem = before or nn.Conv2d(2, WIDTH, 3, padding=1)
        for name, value in own.items():
            if isinstance(value, nn.Module | nn.Parameter):
                setattr(self, name, value)
            else:
                self.register_buffer(name, value)
        with torch.no_grad():
            features = does(self, self.stem(torch.randn(2, *SHAPE))).shape[1]
        self.head = nn.Linear(features, 3)

    def forward(self, x: T) -> T:
        """(N, C, H, W) to (N, 3)."""
        y = self.does(self, self.stem(x))
        logits: T = self.head(y.flatten(2).mean(2) if y.dim() > 2 else y)
        return logits


class Standardizes(nn.Module):
    """Takes a mean away and divides by a spread, as images are often prepared within a network."""

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("mean", torch.rand(2, 1, 1))
        self.register_buffer("std", torch.rand(2, 1, 1) + 0.5)

    def forward(self, x: T) -> T:
        """(N, C, H, W)."""
        return (x - self.mean) / self.std


def parameter(*shape: int) -> nn.Parameter:
    """Between 0.5 and 1.5."""
    return nn.Parameter(torch.rand(*shape) + 0.5)


def with_coordinates(m: Any, x: T) -> T:
    """Two more channels that say where a position is (Liu et al. 2018), and one of zeros."""
    n, _, h, w = x.shape
    rows = torch.linspace(-1, 1, h, dtype=x.dtype).view(1, 1, h, 1).expand(n, 1, h, w)
    columns = torch.linspace(-1, 1, w, dtype=x.dtype).view(1, 1, 1, w).expand(n, 1, h, w)
    y: T = m.conv(torch.cat([x, rows, columns, x.new_zeros((n, 1, h, w))], dim=1))
    return y


def channel_attention(m: Any, x: T) -> T:
    """A convolution over channels (Wang et al. 2020)."""
    y = m.conv(x.mean((2, 3)).unsqueeze(1)).squeeze(1).sigmoid()
    return x * y[:, :, None, None]


def spatial_attention(m: Any, x: T) -> T:
    """Means and maxima over channels (Woo et al. 2018)."""
    largest, _ = torch.max(x, dim=1, keepdim=True)
    return x * torch.sigmoid(m.conv(torch.cat((x.mean(1, keepdim=True), largest), 1)))


def mean_and_spread(_: Any, x: T) -> T:
    """Of each channel."""
    flat = x.flatten(2)
    return torch.cat((flat.mean(2), flat.std(2), torch.var(flat, 2, correction=0)), 1)


NETWORKS: dict[str, Callable[[], nn.Module]] = {
    "standardized images": lambda: Calls(
        lambda m, x: m.relu(x), nn.Sequential(Standardizes(), nn.Conv2d(2, 8, 3)), relu=nn.ReLU()
    ),
    "a parameter's rest": lambda: Calls(
        lambda m, x: (m.p - x) + m.q / (x * x + 1), p=parameter(8, 1, 1), q=parameter(1)
    ),
    "coordinates": lambda: Calls(with_coordinates, conv=nn.Conv2d(WIDTH + 3, 6, 3)),
    "attention of channels": lambda: Calls(channel_attention, conv=nn.Conv1d(1, 1, 3, padding=1, bias=False)),
    "attention of positions": lambda: Calls(spatial_attention, conv=nn.Conv2d(2, 1, 5, padding=2)),
    "the larger": lambda: Calls(lambda m, x: torch.maximum(x, m.conv(x)), conv=nn.Conv2d(8, 8, 1)),
    "the smaller, spread": lambda: Calls(lambda _, x: torch.min(x, x.mean((2, 3), keepdim=True) + 0.1)),
    "a threshold that is learned": lambda: Calls(lambda m, x: torch.max(x, m.t), t=parameter(1, 8, 1, 1)),
    "a bound that is learned": lambda: Calls(lambda m, x: torch.minimum(m.t, x), t=parameter(1, 8, 1, 1)),
    "maxout": lambda: Calls(lambda _, x: x.view(x.shape[0], 4, 2, *x.shape[2:]).max(2)[0]),
    "one-sided clamps": lambda: Calls(lambda _, x: x.clamp(min=0.1) + torch.clamp(x, max=0.2) + x.clamp_min(-0.1)),
    "positions to channels": lambda: Calls(lambda m, x: m.conv(F.pixel_unshuffle(x, 2)), conv=nn.Conv2d(32, 5, 1)),
    "channels to positions": lambda: Calls(
        lambda m, x: m.conv(m.up(x)), up=nn.PixelShuffle(2), conv=nn.Conv2d(2, 5, 3)
    ),
    "mean and spread": lambda: Calls(mean_and_spread),
    "zeros and ones alike": lambda: Calls(lambda _, x: x + torch.zeros_like(x) * x + torch.ones_like(x)),
    "convolutions of rows": lambda: Calls(
        lambda m, x: m.two(torch.relu(m.one(x.flatten(2)))),
        one=nn.Conv1d(8, 6, 3, stride=2, padding=1, groups=2),
        two=nn.Conv1d(6, 4, 3, dilation=2, padding=2, padding_mode="circular"),
    ),
    "features without their mean": lambda: Calls(lambda _, x: x.mean((2, 3)) - x.mean((1, 2, 3)).unsqueeze(1)),
}


@pytest.mark.parametrize("which", NETWORKS)
def test_a_step_is_float64s(which: str) -> None:
    """Gradient and scores."""
    torch.manual_seed(1)
    gradient, scores, _ = against_float64.step(NETWORKS[which](), SHAPE, COUNT)
    assert gradient <= CLOSE
    assert scores <= CLOSE


def chosen_by_place(_: Any, x: T) -> T:
    """Picks what lies where another is largest."""
    _, place = x.max(dim=1, keepdim=True)
    return torch.gather(x, 1, place)


@pytest.mark.parametrize(
    ("does", "told"),
    [
        (chosen_by_place, "which is where the largest are"),
        (lambda _, x: x.max(dim=0)[0].unsqueeze(0) + x, "puts images together"),
        (lambda _, x: torch.where(x > 0, x, x * 0.1), "of another kind of numbers"),
    ],
    ids=["by place", "over images", "where"],
)
def test_what_is_not_understood_is_said(does: Callable[[Any, T], T], told: str) -> None:
    """In one line."""
    with pytest.raises(EngineError) as caught:
        check_plain(Calls(does), SHAPE)
    assert told in str(caught.value)
    assert "\n" not in str(caught.value)
