from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional as F

from normlab.errors import EngineError
from normlab.training.lanes.cover import check
from normlab.training.lanes.fuse import steps
from normlab.training.lanes.network import Network
from normlab.training.lanes.trace import trace

SHAPE = (2, 7, 8)


def problem(*layers: nn.Module, shape: tuple[int, int, int] = SHAPE) -> str:
    """What is said about a model of a convolution to four channels, then these."""
    model = nn.Sequential(nn.Conv2d(shape[0], 4, 1), *layers)
    with pytest.raises(EngineError) as caught:
        check(steps(trace(model, shape)))
    assert "\n" not in str(caught.value)
    assert model.training
    return str(caught.value)


@pytest.mark.parametrize(
    ("layer", "said"),
    [
        (nn.Conv2d(4, 4, 3, stride=(1, 2)), "different strides"),
        (nn.BatchNorm2d(4, track_running_stats=False), "running statistics"),
        (nn.BatchNorm2d(4, momentum=None), "momentum"),
        (nn.InstanceNorm2d(4, track_running_stats=True), "running statistics"),
        (nn.LayerNorm([7, 8]), r"over (C, H, W) = (4, 7, 8), not over (7, 8)"),
        (nn.LayerNorm(8), "not over (8,)"),
        (nn.MaxPool2d(2, dilation=2), "dilation"),
        (nn.MaxPool2d(2, dilation=(1, 2)), "dilation"),
        (nn.AdaptiveMaxPool2d(3), "do not cover (7, 8) in (3, 3) steps"),
        (nn.AdaptiveAvgPool2d(10), "do not cover (7, 8) in (10, 10) steps"),
    ],
    ids=repr,
)
def test_a_setting_that_no_kernel_covers_is_named_with_its_layer(layer: nn.Module, said: str) -> None:
    """The message names the layer as the model calls it, and the setting."""
    message = problem(layer, nn.Flatten())
    assert message.startswith("the lanes engine cannot take 1: ")
    assert said in message


@pytest.mark.parametrize(
    "layer",
    [
        nn.LocalResponseNorm(2),
        nn.RReLU(),
        nn.AlphaDropout(0.1),
        nn.Threshold(0.1, 0.0),
        nn.ConvTranspose2d(4, 4, 3),
    ],
    ids=lambda layer: type(layer).__name__,
)
def test_a_module_that_no_kernel_covers_is_named_with_its_class(layer: nn.Module) -> None:
    """The message names the layer and what it is."""
    assert problem(layer, nn.Flatten()) == f"the lanes engine has no kernel for 1: {type(layer).__name__}"


@pytest.mark.slow
def test_a_class_of_ones_own_is_not_taken_for_its_parent() -> None:
    """A subclass that computes something of its own is looked into, and what it does is done or named."""

    class Half(nn.Conv2d):
        """A convolution of half the strength."""

        def _conv_forward(self, *given: Any) -> torch.Tensor:
            return super()._conv_forward(*given) / 2

    class Noisy(nn.Conv2d):
        """A convolution that adds noise to its weights."""

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            """Another kernel each time."""
            return F.conv2d(x, self.weight + torch.rand_like(self.weight))

    model = nn.Sequential(nn.Conv2d(2, 4, 1), Half(4, 4, 3), nn.Flatten(), nn.Linear(120, 3)).eval()
    x = torch.randn(5, *SHAPE)
    wanted = model(x).detach().numpy()
    assert np.allclose(Network(model, SHAPE, 5).judge(x.numpy()), wanted, atol=1e-5)
    with pytest.raises(EngineError, match=r"1 \(Noisy\): .*rand_like"):
        trace(nn.Sequential(nn.Conv2d(2, 4, 1), Noisy(4, 4, 3)), SHAPE)


def test_a_model_has_to_end_in_logits() -> None:
    """A plane at the end is no vector of classes."""
    assert "needs logits (classes,) at the end" in problem(nn.Conv2d(4, 4, 3))


def test_flattening_a_plane_is_covered_only_before_a_linear_layer() -> None:
    """Features of a plane that is larger than one position go nowhere else."""
    assert "logits" in problem(nn.Flatten())


@pytest.mark.parametrize(
    "layers",
    [
        [nn.Conv2d(4, 3, (3, 5), stride=2, padding=(2, 0)), nn.BatchNorm2d(3)],
        [nn.MaxPool2d((2, 2)), nn.GroupNorm(2, 4), nn.ReLU(), nn.AvgPool2d(2, count_include_pad=False)],
        [nn.LayerNorm([4, 7, 8]), nn.Identity(), nn.ReLU(), nn.MaxPool2d(3, 2, 1, ceil_mode=True)],
        [nn.Conv2d(4, 3, (3, 5), padding="same"), nn.Conv2d(3, 3, 3, stride=2, padding="valid")],
        [nn.AdaptiveAvgPool2d((None, 1))],
    ],
    ids=["convolution", "windows", "layer norm", "padding by name", "one axis alone"],
)
@pytest.mark.slow
def test_what_is_covered_passes(layers: list[nn.Module]) -> None:
    """Nothing is refused that a kernel can do, and it is done rightly."""
    model = nn.Sequential(nn.Conv2d(2, 4, 1), *layers, nn.Flatten(), nn.LazyLinear(3)).eval()
    x = torch.randn(5, *SHAPE)
    wanted = model(x).detach().numpy()
    assert np.allclose(Network(model, SHAPE, 5).judge(x.numpy()), wanted, atol=1e-5)
