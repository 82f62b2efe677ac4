"""Attention that drops shares: masks are ours, all else is PyTorch's."""

from __future__ import annotations

import copy
from typing import Any

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from normlab.training.masks import Masks

T = torch.Tensor


class Attends(nn.Module):
    """PyTorch's layer with images first, called as it is told."""

    def __init__(self, **how: Any) -> None:
        super().__init__()
        self.layer, self.how = nn.MultiheadAttention(8, 2, dropout=0.5, batch_first=True), how

    def forward(self, x: T) -> Any:
        """(N, T, 8)."""
        other = self.how.get("other")
        told = {key: value for key, value in self.how.items() if key != "other"}
        return self.layer(x, x if other is None else other, x if other is None else other, **told)


def drawn(model: nn.Module, x: T, epoch: int) -> Any:
    """A pass in training by the masks of an epoch."""
    masks = Masks(model.train())
    masks.begin(0, 1, epoch)
    with masks.passing():
        return model(x)


@pytest.mark.parametrize(
    "how",
    [{"need_weights": False}, {}, {"average_attn_weights": False}, {"other": torch.randn(3, 7, 8)}],
    ids=["plain", "weights", "weights of heads", "to another"],
)
def test_a_layer_of_pytorchs_stays_what_it_is_in_eval_mode(how: dict[str, Any]) -> None:
    """Its result, its weights where they are asked for, and the names of its parameters."""
    torch.manual_seed(0)
    model, x = Attends(**how).eval(), torch.randn(3, 5, 8)
    ours = copy.deepcopy(model)
    Masks(ours)
    with torch.no_grad():
        for got, wanted in zip(ours(x), model(x), strict=True):
            torch.testing.assert_close(got, wanted)
    assert list(ours.state_dict()) == list(model.state_dict())
    assert len(list(ours.parameters())) == len(list(model.parameters()))


def test_an_encoder_of_pytorchs_stays_what_it_is_in_eval_mode() -> None:
    """Its fast path too, which reads what the attention layer has."""
    torch.manual_seed(0)
    model = nn.TransformerEncoder(nn.TransformerEncoderLayer(8, 2, 16, batch_first=True), 2).eval()
    ours, x = copy.deepcopy(model), torch.randn(3, 5, 8)
    Masks(ours)
    with torch.no_grad():
        torch.testing.assert_close(ours(x), model(x))
    torch.testing.assert_close(ours(x), model(x))


def test_masks_are_those_of_the_epoch() -> None:
    """The same seed and epoch drop the same shares, whatever torch's generator does; another epoch drops others."""
    torch.manual_seed(0)
    model, x = Attends(need_weights=False), torch.randn(3, 5, 8)
    first, again, later = (drawn(copy.deepcopy(model), x, epoch)[0] for epoch in (1, 1, 2))
    assert torch.equal(first, again)
    assert not torch.equal(first, later)


@pytest.mark.parametrize(
    "how",
    [{}, {"scale": 0.3}, {"is_causal": True}, {"attn_mask": torch.rand(5, 5) > 0.3}, {"attn_mask": torch.randn(5, 5)}],
    ids=["plain", "scaled", "causal", "hidden", "biased"],
)
def test_dropping_next_to_nothing_is_attention_itself(how: dict[str, Any]) -> None:
    """With all that the function may be given."""
    torch.manual_seed(0)
    q, k, v = torch.randn(3, 4, 2, 5, 8)
    masks = Masks(nn.Identity())
    masks.begin(0, 1, 1)
    with masks.passing():
        found = F.scaled_dot_product_attention(q, k, v, dropout_p=1e-9, **how)
    torch.testing.assert_close(found, F.scaled_dot_product_attention(q, k, v, **how))


def test_the_share_that_is_asked_for_is_dropped() -> None:
    """Of equal shares, and what is left is scaled."""
    masks = Masks(nn.Identity())
    masks.begin(0, 1, 1)
    q, v = torch.zeros(64, 4, 16, 8), torch.ones(64, 4, 16, 8)
    with masks.passing():
        found = F.scaled_dot_product_attention(q, q, v, dropout_p=0.25)
    assert found.mean().item() == pytest.approx(1, abs=0.01)
    assert found.std().item() == pytest.approx((0.25 / 0.75 / 16) ** 0.5, rel=0.05)
