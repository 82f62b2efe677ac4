from __future__ import annotations

import pytest
import torch
from torch import nn

from normlab.models.s8 import s8
from normlab.models.summary import parameter_count
from normlab.norms import resolve

PER_CHANNEL = ["bn", "ln", "gn", "gn:4", "gn:cpg=8", "in", "ln-c", "rms"]


@pytest.mark.parametrize("norm", PER_CHANNEL)
def test_it_stays_under_50_000_parameters(norm: str) -> None:
    """For CIFAR-10's images, and the same number in every arm."""
    assert parameter_count(s8(resolve(norm), shape=(3, 32, 32))) == 47_178


def test_it_has_no_pool_but_the_mean() -> None:
    """Strides make planes smaller, depthwise and dilated windows see further."""
    modules = list(s8(resolve("bn")).modules())
    assert [type(m) for m in modules if "Pool" in type(m).__name__] == [nn.AdaptiveAvgPool2d]
    windows = [m for m in modules if isinstance(m, nn.Conv2d)]
    assert sum(m.groups == m.in_channels > 1 for m in windows) == 6
    assert sum(m.dilation == (2, 2) for m in windows) == 2


def test_a_class_sees_far() -> None:
    """Before the mean over positions, the middle of the last plane depends on two thirds of the rows."""
    torch.manual_seed(0)
    model = s8(resolve("none"), shape=(3, 32, 32)).eval()
    x = torch.randn(1, 3, 32, 32, requires_grad=True)
    planes = nn.Sequential(*list(model.children())[:-4])
    torch.autograd.backward(planes(x)[0, :, 4, 4].sum())
    rows = x.grad.abs().sum((0, 1, 3)).nonzero()  # type: ignore[union-attr]
    assert int(rows.max() - rows.min()) + 1 >= 20


def test_instance_norm_is_not_at_a_disadvantage() -> None:
    """No norm stands right before the mean over positions: images still differ in what the classes see."""
    torch.manual_seed(0)
    model = s8(resolve("in"), shape=(3, 32, 32)).eval()
    logits = model(torch.randn(8, 3, 32, 32))
    assert logits.std(0).min() > 1e-3
