from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from normlab.norms import Slot, resolve


def norm(name: str) -> nn.Module:
    return resolve(name)(Slot("norm", 4, (3, 2), groups=2)).double()


@given(batch=st.integers(1, 9), images=st.integers(1, 9), seed=st.integers(0, 99))
@settings(max_examples=30)
def test_it_is_batch_norm_of_one_chunk_after_the_other(batch: int, images: int, seed: int) -> None:
    """A last smaller chunk is one too; running statistics are those of a batch norm that sees each chunk as a batch."""
    ghost, plain = norm(f"gbn:{images}"), norm("bn")
    x = torch.randn(batch, 4, 3, 2, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))
    y = ghost(x)
    assert torch.equal(y, torch.cat([plain(x[i : i + images]) for i in range(0, batch, images)]))
    assert all(torch.equal(value, plain.state_dict()[key]) for key, value in ghost.state_dict().items())
    assert torch.equal(ghost.eval()(x), plain.eval()(x))


def test_evaluation_does_not_look_at_the_images_beside() -> None:
    """Nor at how many there are: it is batch norm with the running statistics."""
    torch.manual_seed(0)
    ghost = norm("gbn:2")
    x = torch.randn(6, 4, 3, 2, dtype=torch.float64)
    ghost(x)
    together = ghost.eval()(x)
    assert torch.equal(together[3:4], ghost(x[3:4]))
    torch.testing.assert_close(ghost.plain()(x), together, rtol=0, atol=0)


def test_a_chunk_of_one_value_a_channel_is_refused() -> None:
    """It has no variance, also where it is the last of several."""
    with pytest.raises(ValueError, match="more than 1 value per channel"):
        norm("gbn:2")(torch.ones(3, 4, 1, 1, dtype=torch.float64))
