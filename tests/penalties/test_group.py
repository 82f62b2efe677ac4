from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from normlab.errors import SpecError
from normlab.penalties import penalty as make
from normlab.penalties.group import shrunk


@settings(max_examples=60)
@given(seed=st.integers(0, 2**16), tau=st.floats(0.01, 5))
@pytest.mark.slow
def test_a_shrunk_channel_is_the_minimum(seed: int, tau: float) -> None:
    """Zero is a subgradient of Σ(x − z)²/(2a) + τ‖x‖ there, for one pace and for a pace of each element."""
    torch.manual_seed(seed)
    rows = torch.randn(4, 6, dtype=torch.float64)
    for pace in (0.3, torch.rand(4, 6, dtype=torch.float64) + 0.05):
        found = shrunk(rows, pace, tau)
        pull = (rows - found) / pace
        for row, force in zip(found, pull, strict=True):
            if row.any():
                assert torch.allclose(force, tau * row / row.norm(), atol=1e-6)
            else:
                assert force.norm() <= tau * (1 + 1e-9)


def test_one_pace_for_all_agrees_with_the_closed_form() -> None:
    """The general solution with equal paces is the closed form."""
    rows = torch.randn(5, 9, dtype=torch.float64)
    pace = torch.full_like(rows, 0.2)
    assert torch.allclose(shrunk(rows, pace, 1.1), shrunk(rows, 0.2, 1.1), atol=1e-12)


@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
@pytest.mark.slow  # a second or more
@pytest.mark.long
def test_channels_that_carry_nothing_become_zero_as_a_whole(optimizer: str) -> None:
    """Outputs that are pure noise lose all their weights at once; the others keep every one."""
    torch.manual_seed(0)
    x = torch.randn(200, 5)
    y = torch.cat([x @ torch.randn(5, 2), 0.05 * torch.randn(200, 2)], 1)
    model = nn.Linear(5, 4, bias=False)
    make_it = {"sgd": torch.optim.SGD, "adam": torch.optim.Adam}[optimizer]
    moved, penalty = make_it(model.parameters(), lr=0.05), make("group", 0.02).attach(model)
    for _ in range(300):
        moved.zero_grad()
        ((model(x) - y).square().mean() + penalty.loss(model)).backward()
        moved.step()
        penalty.step(moved)
    assert (model.weight[:2] != 0).all()
    assert not model.weight[2:].any()


def test_lambda_is_comparable_with_that_of_an_l1() -> None:
    """For weights of one size in a channel the two penalties amount to the same."""
    model = nn.Sequential(nn.Conv2d(2, 3, 3))
    with torch.no_grad():
        model[0].weight.fill_(0.25)
    assert make("group", 0.1).value(model).item() == pytest.approx(make("prox", 0.1).value(model).item())


def test_a_scope_without_kernels_is_refused() -> None:
    """γ and biases have no channels."""
    model = nn.Sequential(nn.Conv2d(2, 3, 3), nn.BatchNorm2d(3))
    with pytest.raises(SpecError, match=r"'1\.\*' holds none of the weights; these are 0\.weight"):
        make("group", 0.1, "1.*").attach(model)
