from __future__ import annotations

import torch

from normlab.norms import Slot, resolve


def test_gamma_and_beta_stand_at_their_own_element() -> None:
    """γ scales, and β moves, one element of every image and no other."""
    norm = resolve("ln-chw")(Slot("norm", 2, (3, 4), groups=1))
    x = torch.randn(5, 2, 3, 4)
    before = norm(x)
    with torch.no_grad():
        norm.weight[1, 2, 3] = 3.0
        norm.bias[0, 1, 2] = 10.0
    expected = before.clone()
    expected[:, 1, 2, 3] *= 3
    expected[:, 0, 1, 2] += 10
    torch.testing.assert_close(norm(x), expected)


def test_the_statistics_are_those_of_layer_norm() -> None:
    """Before anything is learned `ln-chw` and `ln` are the same function."""
    slot = Slot("norm", 2, (3, 4), groups=1)
    x = torch.randn(5, 2, 3, 4)
    torch.testing.assert_close(resolve("ln-chw")(slot)(x), resolve("ln")(slot)(x))
