from __future__ import annotations

import torch
from torch import nn

from normlab.models.vital import Spread, ailments, spread

IMAGES = torch.randn(8, 4, 6, 6, generator=torch.Generator().manual_seed(0))


class Forgetful(nn.Module):
    """A network that was given a norm and does not use it."""

    def __init__(self) -> None:
        super().__init__()
        self.norm, self.spare = nn.GroupNorm(2, 4), nn.BatchNorm2d(4)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """One norm of two."""
        return self.norm(x)


class Mute(nn.Module):
    """Silences the first channels."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.channels = channels

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """The others pass."""
        return torch.cat([torch.zeros_like(x[:, : self.channels]), x[:, self.channels :]], dim=1)


def test_a_norm_that_nothing_calls_is_named() -> None:
    """By its path and its kind."""
    assert ailments(Forgetful(), IMAGES) == ("spare (BatchNorm2d) is never called",)


def test_a_group_of_silent_channels_is_idle() -> None:
    """Two channels of four are half of group norm's groups, and two of batch norm's four."""
    grouped = nn.Sequential(Mute(2), nn.GroupNorm(2, 4))
    batched = nn.Sequential(Mute(2), nn.BatchNorm2d(4))
    assert spread(grouped, IMAGES) == {"1": Spread(2, 1)}
    assert spread(batched, IMAGES) == {"1": Spread(4, 2)}
    assert ailments(grouped, IMAGES) == ("1: 1 of 2 groups of channels have no spread, so what comes out is β alone",)


def test_half_a_group_still_has_spread() -> None:
    """One silent channel of two leaves the group something to divide by."""
    assert ailments(nn.Sequential(Mute(1), nn.GroupNorm(2, 4)), IMAGES) == ()


def test_looking_changes_nothing() -> None:
    """Modes, running statistics and hooks are as they were."""
    network = nn.Sequential(nn.BatchNorm2d(4), nn.Dropout(0.5).eval())
    ailments(network, IMAGES)
    assert [module.training for module in network] == [True, False]
    assert torch.equal(network[0].running_mean, torch.zeros(4))
    assert not network[0]._forward_pre_hooks
