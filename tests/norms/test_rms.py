from __future__ import annotations

import torch
from torch.autograd import gradcheck
from torch.func import functional_call

from normlab.norms import Slot, resolve


def test_gradients_are_those_of_the_formula() -> None:
    """By finite differences in float64, for the input, γ and β."""
    module = resolve("rms")(Slot("norm", 3, (2, 4), groups=1)).double()

    def forward(x: torch.Tensor, gamma: torch.Tensor, beta: torch.Tensor) -> torch.Tensor:
        return functional_call(module, {"weight": gamma, "bias": beta}, x)

    torch.manual_seed(0)
    inputs = [torch.randn(shape, dtype=torch.float64, requires_grad=True) for shape in [(2, 3, 2, 4), (3,), (3,)]]
    assert gradcheck(forward, inputs)


def test_the_mean_stays() -> None:
    """Unlike layer norm, an image of one value everywhere becomes ones, not zeros."""
    y = resolve("rms")(Slot("norm", 3, (4, 4), groups=1))(torch.full((1, 3, 4, 4), 7.0))
    torch.testing.assert_close(y, torch.ones(1, 3, 4, 4))
