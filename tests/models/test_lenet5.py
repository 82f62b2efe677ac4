from __future__ import annotations

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from normlab.models.lenet5 import lenet5
from normlab.models.summary import parameter_count
from normlab.norms import resolve


@pytest.mark.parametrize(("norm", "count"), [("none", 61_706), ("bn", 61_750), ("ln", 61_750), ("gn", 61_750)])
def test_it_has_the_known_size(norm: str, count: int) -> None:
    """61,706 without norms, and γ and β of 22 channels with one."""
    assert parameter_count(lenet5(resolve(norm))) == count


def test_the_network_is_the_written_one() -> None:
    """Written out with functions, the logits are the same."""
    torch.manual_seed(0)
    model, x = lenet5(resolve("none"), dropout=0.5).eval(), torch.randn(3, 1, 28, 28)
    w = model.state_dict()
    y = F.max_pool2d(F.relu(F.conv2d(x, w["conv1.weight"], w["conv1.bias"], padding=2)), 2)
    y = F.max_pool2d(F.relu(F.conv2d(y, w["conv2.weight"], w["conv2.bias"])), 2).flatten(1)
    for name in ("linear3", "linear4"):
        y = F.relu(F.linear(y, w[f"{name}.weight"], w[f"{name}.bias"]))
    torch.testing.assert_close(model(x), F.linear(y, w["classes.weight"], w["classes.bias"]))


def test_dropout_is_behind_the_hidden_layers() -> None:
    """Twice, with the recipe's share."""
    assert [m.p for m in lenet5(resolve("bn"), dropout=0.3).modules() if isinstance(m, nn.Dropout)] == [0.3, 0.3]
