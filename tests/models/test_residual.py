from __future__ import annotations

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from normlab.models.registry import Model
from normlab.models.resnet8 import resnet8
from normlab.models.resnet20 import resnet20
from normlab.models.summary import parameter_count
from normlab.norms import resolve

CIFAR = (3, 32, 32)


@pytest.mark.parametrize("norm", ["bn", "ln", "gn", "gn:4", "in", "ln-c", "rms"])
@pytest.mark.parametrize(("make", "count"), [(resnet8, 77_850), (resnet20, 272_474)])
def test_they_have_the_published_size(make: Model, count: int, norm: str) -> None:
    """With every norm that has γ and β per channel; `none` lacks them alone."""
    assert parameter_count(make(resolve(norm), shape=CIFAR)) == count


def test_the_smaller_one_differs_from_the_benchmarks_by_its_biases_and_statistics() -> None:
    """MLPerf Tiny counts 78,666, with a bias in each of nine convolutions and running statistics of each norm."""
    model = resnet8(resolve("bn"), shape=CIFAR)
    biases = sum(m.out_channels for m in model.modules() if isinstance(m, nn.Conv2d))
    statistics = sum(2 * m.num_features for m in model.modules() if isinstance(m, nn.BatchNorm2d))
    assert parameter_count(model) + biases + statistics == 78_666


@pytest.mark.parametrize(("make", "blocks"), [(resnet8, 1), (resnet20, 3)])
def test_they_are_as_deep_as_they_are_called(make: Model, blocks: int) -> None:
    """6n + 2 layers with weights, projections left out."""
    kernels = [
        name for name, p in make(resolve("bn")).named_parameters() if p.ndim in (2, 4) and "shortcut" not in name
    ]
    assert len(kernels) == 6 * blocks + 2


def test_the_network_is_the_written_one() -> None:
    """Written out with functions, the logits are the same: convolution, norm, ReLU, and the shortcut's sum."""
    torch.manual_seed(0)
    model = resnet8(resolve("ln"), shape=CIFAR).eval()
    w, x = model.state_dict(), torch.randn(3, *CIFAR)

    def norm(y: torch.Tensor) -> torch.Tensor:
        return F.group_norm(y, 1)  # γ = 1 and β = 0 at the start

    y = F.relu(norm(F.conv2d(x, w["conv.weight"], padding=1)))
    for stage, stride in ((1, 1), (2, 2), (3, 2)):
        name = f"stage{stage}_block1"
        inner = F.relu(norm(F.conv2d(y, w[f"{name}.conv1.weight"], stride=stride, padding=1)))
        inner = norm(F.conv2d(inner, w[f"{name}.conv2.weight"], padding=1))
        y = F.relu(inner + (y if stride == 1 else F.conv2d(y, w[f"{name}.shortcut.conv.weight"], stride=2)))
    y = F.linear(y.mean((2, 3)), w["classes.weight"], w["classes.bias"])
    torch.testing.assert_close(model(x), y)


def test_dropout_stands_before_the_classes() -> None:
    """Once, with the recipe's share."""
    found = [m.p for m in resnet20(resolve("bn"), dropout=0.3).modules() if isinstance(m, nn.Dropout)]
    assert found == [0.3]
