from __future__ import annotations

import torch
from torch.autograd import gradcheck
from torch.func import functional_call

from normlab.norms import Slot, resolve

NORM = resolve("ln-c")(Slot("norm", 5, (2, 3), groups=1)).double()


def test_gradients_are_those_of_the_formula() -> None:
    """By finite differences in float64, for the input, γ and β."""

    def forward(x: torch.Tensor, gamma: torch.Tensor, beta: torch.Tensor) -> torch.Tensor:
        return functional_call(NORM, {"weight": gamma, "bias": beta}, x)

    torch.manual_seed(0)
    inputs = [torch.randn(shape, dtype=torch.float64, requires_grad=True) for shape in [(2, 5, 2, 3), (5,), (5,)]]
    assert gradcheck(forward, inputs)


def test_positions_do_not_touch_each_other() -> None:
    """Changing one pixel changes the output at that pixel alone."""
    x = torch.randn(1, 5, 2, 3, dtype=torch.float64)
    other = x.clone()
    other[0, 2, 1, 0] += 1
    moved = (NORM(x) != NORM(other)).any(dim=1)
    assert moved.nonzero().tolist() == [[0, 1, 0]]


def test_channels_last_stays_channels_last() -> None:
    """The output has the layout of the input."""
    x = torch.randn(2, 5, 4, 3, dtype=torch.float64).to(memory_format=torch.channels_last)
    assert NORM(x).is_contiguous(memory_format=torch.channels_last)
