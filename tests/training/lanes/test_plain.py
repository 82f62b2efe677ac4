"""What no trace of a network shows is refused by name; all that is plain is let in."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from normlab.errors import EngineError
from normlab.training.dropout import pair
from normlab.training.lanes.plain import check_plain

SHAPE = (1, 8, 8)


class Net(nn.Module):
    """A convolution, a norm, a shortcut that is nothing, and a classifier."""

    def __init__(self) -> None:
        super().__init__()
        self.conv, self.norm = nn.Conv2d(1, 4, 3, padding=1), nn.BatchNorm2d(4)
        self.shortcut, self.drop = nn.Sequential(), nn.Dropout(0.25)
        self.end = nn.Sequential(nn.Flatten(), nn.Linear(256, 10))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Logits."""
        x = self.conv(x)
        result: torch.Tensor = self.end(self.drop(self.norm(x)) + self.shortcut(x))
        return result


class Frozen(Net):
    def train(self, mode: bool = True) -> Frozen:
        """All but the norm."""
        super().train(mode)
        self.norm.eval()
        return self


class TwoModes(Net):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Twice the logits in eval mode."""
        y = super().forward(x)
        return y if self.training else y + y


class Later(Net):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Something in vain."""
        y = super().forward(x)
        F.relu(y)
        return y


def held() -> nn.Module:
    net = Net()
    net.conv.weight.requires_grad_(requires_grad=False)
    return net


def hooked() -> nn.Module:
    net = Net()
    net.norm.register_forward_hook(lambda _layer, _given, y: 2 * y)
    return net


def weighed() -> nn.Module:
    net = Net()
    with pytest.warns(FutureWarning):
        net.conv = nn.utils.weight_norm(net.conv)
    return net


def idle() -> nn.Module:
    net = Net()
    net.spare = nn.Linear(3, 3)
    return net


def test_a_plain_network_is_let_in() -> None:
    """With a shortcut that is an empty row of layers, too; and it stays in the mode that it is in."""
    net = Net().eval()
    check_plain(net, SHAPE)
    assert not any(module.training for module in net.modules())


@pytest.mark.parametrize(
    ("make", "problem"),
    [
        (held, "conv.weight: it is held fixed"),
        (hooked, r"norm \(BatchNorm2d\): it has hooks"),
        (weighed, r"conv \(Conv2d\): it has hooks"),
        (Frozen, r"norm \(BatchNorm2d\): it stays in eval mode"),
        (TwoModes, "this model: it calls other layers in eval mode than in training"),
        (Later, "relu: nothing reads it, and it is not what the model gives"),
        (idle, "spare.weight: nothing calls its layer"),
    ],
)
def test_what_a_trace_does_not_show_is_refused(make: Callable[[], nn.Module], problem: str) -> None:
    """By the name of the layer or parameter, and with what it does."""
    with pytest.raises(EngineError, match=f"the lanes engine cannot take {problem}"):
        check_plain(make(), SHAPE)


def test_a_model_may_read_how_much_it_drops() -> None:
    """Paired dropout takes the place of PyTorch's, its share included."""
    net = Net()
    pair(net)
    assert net.drop.p == 0.25
