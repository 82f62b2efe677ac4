from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from normlab.errors import NetworkError
from normlab.norms import Slot, kinds, resolve

NAMES = ["bn", "ln", "gn:2", "in", "ln-chw", "ln-c", "rms", "gbn:2", "brn:7", "frn", "dyt", "evonorm-s0:2"]
THEIRS: list[Callable[[], nn.Module]] = [
    lambda: nn.BatchNorm1d(4),
    lambda: nn.BatchNorm2d(4),
    lambda: nn.BatchNorm3d(4),
    lambda: nn.SyncBatchNorm(4),
    lambda: nn.InstanceNorm2d(4),
    lambda: nn.GroupNorm(2, 4),
    lambda: nn.LayerNorm(4),
    lambda: nn.RMSNorm(4),
]


def layer(name: str, channels: int = 4) -> nn.Module:
    """The norm of this name for planes of 3×3."""
    return resolve(name)(Slot("norm", channels, (3, 3), groups=2))


@pytest.mark.parametrize("make", [*THEIRS, *(lambda name=name: layer(name) for name in NAMES)])
def test_every_norm_is_one(make: Callable[[], nn.Module]) -> None:
    """Those of PyTorch and of normlab."""
    assert kinds.is_norm(make())


def test_a_norm_of_ones_own_is_one_by_its_name_or_by_its_parent() -> None:
    """Whether it is written anew or derived from PyTorch's."""

    class FancyNorm(nn.Module):
        """Written anew."""

    class Standardization(nn.BatchNorm2d):
        """Derived, under another name."""

    assert kinds.is_norm(FancyNorm())
    assert kinds.is_norm(Standardization(4))


@pytest.mark.parametrize(
    "module", [nn.Conv2d(1, 4, 3), nn.Linear(4, 4), nn.ReLU(), nn.Identity(), nn.Sequential(), None]
)
def test_nothing_else_is_a_norm(module: nn.Module | None) -> None:
    """Nor is the identity, which stands for `none`."""
    assert not kinds.is_norm(module)


@given(name=st.sampled_from([*NAMES, "none", "gn:4", "gn:cpg=4"]), channels=st.sampled_from([4, 8, 12]))
def test_a_layers_name_gives_the_same_layer(name: str, channels: int) -> None:
    """What `resolve` made of a name is called by it, or by another that means the same."""
    made = layer(name, channels)
    again = layer(kinds.name(made), channels)
    assert repr(made) == repr(again)


def test_a_layer_norm_over_something_else_than_an_image_has_no_name() -> None:
    """It says what was expected."""
    with pytest.raises(NetworkError, match=r"expected a layer norm over \(C, H, W\)"):
        kinds.name(nn.LayerNorm(4))


@pytest.mark.parametrize("name", NAMES)
def test_what_is_said_of_a_norm_is_what_it_does(name: str) -> None:
    """A shift of all channels goes where the mean is taken away, one of a single channel where each has its own."""
    torch.manual_seed(0)
    norm = layer(name).double()
    x = torch.randn(2, 4, 3, 3, dtype=torch.float64)
    shift = torch.tensor([5.0, 0, 0, 0]).view(1, 4, 1, 1)
    assert kinds.centres(norm) == torch.allclose(norm(x + 5), norm(x))
    assert kinds.of_each_channel(norm) == torch.allclose(norm(x + shift), norm(x))
    assert kinds.of_each_element(norm) == (norm.get_parameter("weight").ndim == 3)


@pytest.mark.parametrize(
    ("name", "groups"), [("ln", 1), ("gn:2", 2), ("in", 4), ("ln-chw", 1), ("rms", 1), ("evonorm-s0:2", 2), ("frn", 4)]
)
def test_groups_are_the_channels_that_change_together(name: str, groups: int) -> None:
    """One other number changes all of its group and nothing else."""
    torch.manual_seed(0)
    norm = layer(name).double()
    x = torch.randn(1, 4, 3, 3, dtype=torch.float64)
    other = x.clone()
    other[0, 0, 0, 0] += 1
    for each in norm.parameters():
        each.data.sub_(0.1)  # so that no threshold stands where many values are
    changed = (norm(x) != norm(other)).flatten(2).any(2)[0]
    assert kinds.groups(norm) == groups
    assert changed.tolist() == [channel < 4 // groups for channel in range(4)]


def test_instance_norm_of_pytorch_has_as_many_groups_as_channels() -> None:
    """As normlab's, which is a group norm."""
    assert kinds.groups(nn.InstanceNorm2d(4)) == 4
    assert kinds.of_each_channel(nn.InstanceNorm2d(4))
