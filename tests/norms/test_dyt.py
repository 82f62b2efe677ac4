from __future__ import annotations

import torch

from normlab.norms import Slot, resolve


def test_it_squashes_by_one_slope_and_knows_no_statistics() -> None:
    """α = 0.5 at first; no other value of the tensor matters to one."""
    norm = resolve("dyt")(Slot("norm", 2, (1, 2), groups=1))
    x = torch.tensor([[[[0.0, 2.0]], [[-2.0, 100.0]]]])
    torch.testing.assert_close(norm(x), torch.tanh(x / 2))
    assert torch.equal(norm(x)[:, :1], norm(torch.cat([x[:, :1], 9 * x[:, 1:]], 1))[:, :1])
    assert not dict(norm.named_buffers())
