from __future__ import annotations

import pytest
import torch
from torch import nn

from normlab.training.dropout import PairedDropout, pair, reseed


@pytest.mark.parametrize("p", [0.05, 0.5])
def test_the_share_of_dropped_values_is_p(p: float) -> None:
    """A mask drops p of the values within five standard errors, and scales the rest by 1 / (1 − p)."""
    x = torch.ones(64, 16, 24, 24)
    y = PairedDropout(p)(x)
    share = (y == 0).double().mean().item()
    assert abs(share - p) < 5 * (p * (1 - p) / x.numel()) ** 0.5
    assert y.max().item() == pytest.approx(1 / (1 - p), rel=1e-4)


def test_evaluation_and_p_zero_change_nothing() -> None:
    """In evaluation, and with p = 0, dropout is the identity and draws nothing."""
    x = torch.randn(2, 3, 4, 4)
    assert PairedDropout(0.5).eval()(x) is x
    assert PairedDropout(0.0)(x) is x


def test_tensors_of_any_rank_and_odd_sizes_work() -> None:
    """Features (N, C) and sizes that are no multiple of four are masked too."""
    assert PairedDropout(0.5)(torch.ones(3, 5)).shape == (3, 5)
    assert PairedDropout(0.5)(torch.ones(1, 1, 3, 3)).shape == (1, 1, 3, 3)


def test_gradients_pass_where_values_pass() -> None:
    """The derivative is the mask itself."""
    x = torch.ones(4, 4, 4, 4, requires_grad=True)
    y = PairedDropout(0.5)(x)
    y.sum().backward()
    assert x.grad is not None
    assert torch.equal(x.grad, y.detach())


def test_every_dropout_of_a_nested_model_is_replaced() -> None:
    """Dropout inside submodules is paired as well, with its own p."""
    model = nn.Sequential(nn.Dropout(0.1), nn.Sequential(nn.Linear(2, 2), nn.Dropout(0.2)))
    layers = pair(model)
    assert [round(layer.threshold / 65536, 3) for layer in layers] == [0.1, 0.2]
    assert not any(type(m) is nn.Dropout for m in model.modules())


def test_a_reseeded_layer_repeats_its_masks() -> None:
    """The same seed and epoch give the same masks again, as a resumed study needs."""
    layer = PairedDropout(0.5)
    x = torch.ones(2, 2, 8, 8)
    reseed([layer], 0, 1, 2)
    first = layer(x)
    reseed([layer], 0, 1, 2)
    assert torch.equal(first, layer(x))
