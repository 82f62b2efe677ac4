from __future__ import annotations

import torch
from torch import nn

from normlab.models.vital import Spread, ailments, spread
from normlab.norms.rms import RMSNormImage

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
    assert spread(grouped, [IMAGES]) == {"1": Spread(2, 1)}
    assert spread(batched, [IMAGES]) == {"1": Spread(4, 2)}
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


def test_a_channel_that_varies_from_part_to_part_is_not_idle() -> None:
    """Batch norm's statistics are over all images, however few pass at a time."""
    levels = torch.arange(8.0)[:, None, None, None].expand(8, 4, 6, 6)
    network = nn.Sequential(nn.BatchNorm2d(4))
    assert spread(network, [levels]) == spread(network, torch.split(levels, 1)) == {"0": Spread(4, 0)}
    assert spread(network, [levels[:1]]) == {"0": Spread(4, 4)}
    assert spread(nn.Sequential(nn.GroupNorm(2, 4)), torch.split(levels, 1)) == {"0": Spread(2, 2)}


class ByName(nn.Module):
    """Calls its norm by its parameter's name."""

    def __init__(self) -> None:
        super().__init__()
        self.norm = nn.GroupNorm(2, 4)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """One norm."""
        return self.norm(input=x)


def test_a_norm_may_be_called_by_name() -> None:
    """Its input is found all the same."""
    assert spread(ByName(), [IMAGES]) == {"norm": Spread(2, 0)}


def test_what_is_only_called_a_norm_is_left_alone() -> None:
    """A parametrization of weights, for instance."""
    normed = nn.utils.parametrizations.weight_norm(nn.Conv2d(4, 4, 1))
    assert ailments(nn.Sequential(normed), IMAGES) == ()


def test_a_norm_that_takes_no_mean_away_is_idle_where_all_is_zero() -> None:
    """A constant that is not zero comes out as something."""
    for norm, idle in ((RMSNormImage(4), 0), (nn.GroupNorm(1, 4), 1)):
        assert spread(nn.Sequential(norm), [torch.ones(2, 4, 1, 1)])["0"].idle == idle
    assert spread(nn.Sequential(RMSNormImage(4)), [torch.zeros(2, 4, 1, 1)])["0"].idle == 1
