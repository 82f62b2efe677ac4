"""Stochastic depth is known by what it does, and arms share its masks."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from normlab.training.depth import share
from normlab.training.dropout import PairedDropout, pair, reseed

T = torch.Tensor


class Rows(nn.Module):
    """As in libraries of networks: what is kept is drawn, then scaled."""

    def __init__(self, drop_prob: float, scale_by_keep: bool = True) -> None:
        super().__init__()
        self.drop_prob, self.scale_by_keep = drop_prob, scale_by_keep

    def forward(self, x: T) -> T:
        """Any shape with images first."""
        if self.drop_prob == 0.0 or not self.training:
            return x
        kept = x.new_empty((x.shape[0],) + (1,) * (x.ndim - 1)).bernoulli_(1 - self.drop_prob)
        return x * (kept.div_(1 - self.drop_prob) if self.scale_by_keep else kept)


class Floored(Rows):
    """As in networks of a paper's authors: a number between, rounded down."""

    def forward(self, x: T) -> T:
        """As its parent."""
        if not self.training:
            return x
        keep = 1 - self.drop_prob
        return x.div(keep) * (keep + torch.rand((x.shape[0], 1, 1, 1), dtype=x.dtype)).floor_()


class Called(nn.Module):
    """Calls its share `p`; the whole batch at once, or image by image."""

    def __init__(self, p: float, whole_batch: bool) -> None:
        super().__init__()
        self.p, self.whole_batch = p, whole_batch

    def forward(self, x: T) -> T:
        """Any shape with images first."""
        size = [1] * x.ndim if self.whole_batch else [x.shape[0]] + [1] * (x.ndim - 1)
        noise = torch.empty(size).bernoulli_(1 - self.p).div_(1 - self.p)
        return x * noise if self.training else x


class Always(Rows):
    """Forgets the mode."""

    def forward(self, x: T) -> T:
        """As its parent in training."""
        return x * (torch.rand(len(x), 1, 1, 1) >= self.drop_prob) / (1 - self.drop_prob)


class Values(nn.Dropout):
    """Dropout with something of its own."""

    def forward(self, x: T) -> T:
        """As its parent."""
        return super().forward(x) * 1


class Learns(Rows):
    """It has a parameter."""

    def __init__(self) -> None:
        super().__init__(0.2)
        self.scale = nn.Parameter(torch.ones(()))


class Powers(nn.Module):
    """Calls something else p."""

    p = 0.5

    def forward(self, x: T) -> T:
        """Any shape."""
        return x**self.p


class Fails(Rows):
    """Takes no images of two channels."""

    def forward(self, x: T) -> T:
        """Nothing."""
        raise ValueError(f"three channels, not {x.shape[1]}")


@pytest.mark.parametrize("p", [0.0, 0.004, 0.1, 0.5, 0.9])
@pytest.mark.parametrize("kind", [Rows, Floored, lambda p: Called(p, whole_batch=False)], ids=["rows", "floored", "p"])
def test_layers_that_drop_whole_images_are_found(kind: type[Rows], p: float) -> None:
    """Whoever wrote them, with their share; torch's own draws and the layer's mode stay."""
    layer, before = kind(p).eval(), torch.get_rng_state()
    assert share(layer) == p
    assert not layer.training
    assert torch.equal(torch.get_rng_state(), before)


OTHERS = [
    Rows(0.2, scale_by_keep=False),
    Called(0.2, whole_batch=True),
    Called(0.01, whole_batch=True),
    *(Always(0.2), Values(0.2), Learns(), Powers(), Fails(0.2), nn.Dropout(0.2), nn.Identity(), Rows(1.0)),
]


@pytest.mark.parametrize("layer", OTHERS, ids=lambda layer: type(layer).__name__)
def test_what_does_anything_else_is_left_alone(layer: nn.Module) -> None:
    """What it drops is unscaled, the whole batch or single values; it goes on in eval mode, learns or fails."""
    assert share(layer) is None


def test_arms_share_which_images_skip_a_branch() -> None:
    """Two networks with other shapes skip the same images; a third of them, and the rest is scaled."""
    made = []
    for shape in ((3, 4, 4), (5, 7)):
        model = nn.Sequential(Rows(1 / 3))
        reseed(pair(model), 0, 1, 1)
        x = torch.ones(3000, *shape)
        y = model(x)
        kept = y.flatten(1)[:, 0] != 0
        torch.testing.assert_close(y, x * kept.view(-1, *[1] * len(shape)) * 1.5, rtol=1e-4, atol=0)
        made.append(kept)
    assert torch.equal(*made)
    assert made[0].double().mean().item() == pytest.approx(2 / 3, abs=0.03)


def test_within_a_checkpoint_images_skip_as_torch_draws_it() -> None:
    """What is computed twice has to drop the same both times."""
    layer = PairedDropout(0.5, "image")
    x = torch.ones(64, 2, 2, 2, requires_grad=True)
    y = torch.utils.checkpoint.checkpoint(layer, x, use_reentrant=False)
    y.sum().backward()
    assert x.grad is not None
    assert torch.equal(x.grad, y.detach())
    assert 0 < (y[:, 0, 0, 0] == 0).sum() < 64
    assert torch.equal(y, y[:, :1, :1, :1].expand_as(y))
