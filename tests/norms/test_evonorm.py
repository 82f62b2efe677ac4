from __future__ import annotations

import pytest
import torch

from normlab.errors import GroupsError
from normlab.norms import Slot, resolve


def test_it_takes_the_groups_of_the_slot_or_those_of_its_name() -> None:
    """As group norm does."""
    slot = Slot("norm", 8, (4, 4), groups=2)
    assert resolve("evonorm-s0")(slot).groups == 2
    assert resolve("evonorm-s0:4")(slot).groups == 4


@pytest.mark.parametrize(("name", "groups"), [("evonorm-s0:3", 2), ("evonorm-s0", 3), ("evonorm-s0", 0)])
def test_groups_that_do_not_divide_are_told(name: str, groups: int) -> None:
    """With the layer and the numbers that would do."""
    with pytest.raises(GroupsError, match=r"^evonorm-s0:. does not fit layer norm2: its 8 channels can be split into"):
        resolve(name)(Slot("norm2", 8, (4, 4), groups))


def test_large_values_pass_as_through_a_norm_and_relu() -> None:
    """Swish is ReLU far from 0: what is left is the division by the group's deviation."""
    norm = resolve("evonorm-s0:1")(Slot("norm", 2, (2, 2), groups=1)).double()
    x = 1000.0 * torch.tensor([[[[1, -1], [2, 3]], [[-4, 5], [6, 7]]]], dtype=torch.float64)
    torch.testing.assert_close(norm(x), x.relu() / x.std(correction=0))
