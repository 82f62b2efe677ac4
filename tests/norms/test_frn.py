from __future__ import annotations

import torch

from normlab.norms import Slot, resolve


def test_it_begins_as_a_norm_followed_by_relu() -> None:
    """τ is 0 at first; a negative one lets negative values through."""
    norm = resolve("frn")(Slot("norm", 3, (4, 4), groups=1))
    x = torch.randn(2, 3, 4, 4, generator=torch.Generator().manual_seed(0))
    y = norm(x)
    assert torch.equal(y == 0, x <= 0)
    norm.threshold.data.fill_(-100.0)
    torch.testing.assert_close(norm(x).relu(), y)


def test_the_scale_of_a_channel_is_divided_away_and_its_mean_is_not() -> None:
    """Each channel of each image by itself."""
    norm = resolve("frn")(Slot("norm", 3, (4, 4), groups=1)).double()
    x = torch.rand(2, 3, 4, 4, dtype=torch.float64) + 0.5
    scales = torch.rand(2, 3, 1, 1, dtype=torch.float64) + 1
    torch.testing.assert_close(norm(scales * x), norm(x), rtol=1e-4, atol=1e-4)
    assert not torch.allclose(norm(x + 1), norm(x), atol=1e-2)


def test_planes_of_one_value_are_taken() -> None:
    """There is a mean square of one number: it becomes its sign."""
    y = resolve("frn")(Slot("norm", 2, (1, 1), groups=1))(torch.tensor([5.0, -5.0]).view(1, 2, 1, 1))
    torch.testing.assert_close(y.flatten(), torch.tensor([1.0, 0.0]))
