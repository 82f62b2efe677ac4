from __future__ import annotations

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from normlab.errors import GroupsError, NetworkError
from normlab.models.mlp import mlp
from normlab.models.summary import parameter_count
from normlab.norms import EPS, resolve


@pytest.mark.parametrize(("norm", "count"), [("none", 545_810), ("bn", 547_410), ("ln", 547_410), ("rms", 547_410)])
def test_it_is_784_500_300_10(norm: str, count: int) -> None:
    """784·500 + 500 + 500·300 + 300 + 300·10 + 10 weights, and γ and β of 800 features."""
    assert parameter_count(mlp(resolve(norm))) == count


@pytest.mark.parametrize(("norm", "plain"), [("bn", nn.BatchNorm1d), ("ln", nn.LayerNorm)])
def test_norms_are_those_of_vectors(norm: str, plain: type[nn.Module]) -> None:
    """In training the network is PyTorch's own linear layers with `BatchNorm1d`, or with `LayerNorm` over features."""
    torch.manual_seed(0)
    model, x = mlp(resolve(norm), hidden=[20, 12], shape=(3, 4, 5)), torch.randn(6, 3, 4, 5)
    w, y = model.state_dict(), x.flatten(1)
    for i, width in ((1, 20), (2, 12)):
        y = F.linear(y, w[f"linear{i}.weight"].flatten(1), w[f"linear{i}.bias"])
        y = F.relu(plain(width, eps=EPS)(y))
    wanted = F.linear(y, w["classes.weight"].flatten(1), w["classes.bias"])
    torch.testing.assert_close(model(x), wanted)


@pytest.mark.parametrize("hidden", [[], [7], (64, 32, 16)])
def test_widths_are_free(hidden: list[int]) -> None:
    """Any number of hidden layers, none included."""
    kernels = [p.shape[0] for p in mlp(resolve("bn"), hidden=hidden).parameters() if p.ndim == 4]
    assert kernels == [*hidden, 10]


@pytest.mark.parametrize("hidden", [500, [0], [2.5], [True], ["500"]])
def test_widths_that_are_none_are_refused(hidden: object) -> None:
    """One line with what was expected and what came."""
    with pytest.raises(
        NetworkError, match=r"model mlp: hidden is a list of widths from 1 to 16,384, such as \[500, 300\], got"
    ):
        mlp(resolve("bn"), hidden=hidden)  # type: ignore[arg-type]


def test_groups_of_one_feature_are_refused() -> None:
    """Instance norm of a vector is zero; groups that do not divide name the layer."""
    with pytest.raises(NetworkError, match="layer norm1: 500 groups of a single value each"):
        mlp(resolve("in"))
    with pytest.raises(GroupsError, match="layer norm1"):
        mlp(resolve("gn:3"))
