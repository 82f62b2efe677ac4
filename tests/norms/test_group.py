from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from normlab.errors import GroupsError
from normlab.norms import Slot, resolve


def slot(channels: int, groups: int = 1) -> Slot:
    return Slot("norm2", channels, (4, 4), groups)


@pytest.mark.parametrize(("channels", "groups"), [(10, 2), (18, 3), (16, 2), (20, 2), (32, 2)])
def test_plain_gn_takes_the_groups_of_the_slot(channels: int, groups: int) -> None:
    """The model's author chooses the groups of each slot; these are the course's."""
    module = resolve("gn")(slot(channels, groups))
    assert isinstance(module, nn.GroupNorm)
    assert (module.num_groups, module.num_channels) == (groups, channels)


def test_a_number_of_groups_wins_over_the_slot() -> None:
    """`gn:4` has four groups wherever it stands."""
    assert resolve("gn:4")(slot(16, groups=2)).num_groups == 4


@given(channels=st.integers(1, 64), asked=st.integers(1, 70))
def test_groups_fit_exactly_where_they_divide(channels: int, asked: int) -> None:
    """`gn:G` and `gn:cpg=K` are built when the number divides the channels, and are a `GroupsError` otherwise."""
    for name, groups in ((f"gn:{asked}", asked), (f"gn:cpg={asked}", channels // asked)):
        if channels % asked:
            with pytest.raises(GroupsError, match=f"^{name} does not fit layer norm2: its {channels} channels"):
                resolve(name)(slot(channels))
        else:
            assert resolve(name)(slot(channels)).num_groups == groups


def test_the_error_offers_the_valid_choices() -> None:
    """Layer, channels and every number that would do, on one line."""
    with pytest.raises(GroupsError) as caught:
        resolve("gn:4")(slot(18))
    assert str(caught.value) == (
        "gn:4 does not fit layer norm2: its 18 channels can be split into 1, 2, 3, 6, 9, 18 groups"
    )


@pytest.mark.parametrize("groups", [0, -2, 3])
def test_a_slot_whose_own_groups_do_not_fit_is_an_error_too(groups: int) -> None:
    """A model's author who chose wrong hears the same as a user."""
    with pytest.raises(GroupsError, match="its 8 channels can be split into 1, 2, 4, 8 groups"):
        resolve("gn")(slot(8, groups))


@pytest.mark.parametrize(("one", "other"), [("gn:1", "ln"), ("gn:8", "in"), ("gn:cpg=8", "ln"), ("gn:cpg=1", "in")])
def test_layer_and_instance_norm_are_the_ends(one: str, other: str) -> None:
    """One group is layer norm, as many as channels is instance norm."""
    x = torch.randn(3, 8, 4, 4)
    assert torch.equal(resolve(one)(slot(8))(x), resolve(other)(slot(8))(x))
