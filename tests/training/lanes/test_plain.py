"""What no trace of a network shows is refused by name; all that is plain is let in."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Literal

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from normlab.errors import EngineError
from normlab.spec import Optimizer, Penalty
from normlab.training.dropout import pair
from normlab.training.lanes.network import Network
from normlab.training.lanes.plain import check_plain
from normlab.training.lanes.update import check_fixed, update_for
from normlab.training.optim import optimizer_for

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


def _one() -> nn.Parameter:
    return nn.Parameter(torch.ones(5))


def hooked() -> nn.Module:
    net = Net()
    net.norm.register_forward_hook(lambda _layer, _given, y: 2 * y)
    return net


def weighed() -> nn.Module:
    net = Net()
    with pytest.warns(FutureWarning):
        net.conv = nn.utils.weight_norm(net.conv)
    return net


def test_a_plain_network_is_let_in() -> None:
    """With a shortcut that is an empty row of layers, too; and it stays in the mode that it is in."""
    net = Net().eval()
    check_plain(net, SHAPE)
    assert not any(module.training for module in net.modules())


@pytest.mark.parametrize(
    ("make", "problem"),
    [
        (hooked, r"norm \(BatchNorm2d\): it has hooks"),
        (weighed, r"conv \(Conv2d\): it has hooks"),
        (Frozen, r"norm \(BatchNorm2d\): it stays in eval mode"),
        (TwoModes, "this model: it calls other layers in eval mode than in training"),
        (Later, "relu: nothing reads it, and it is not what the model gives"),
    ],
)
def test_what_a_trace_does_not_show_is_refused(make: Callable[[], nn.Module], problem: str) -> None:
    """By the name of the layer or parameter, and with what it does."""
    with pytest.raises(EngineError, match=f"the lanes engine cannot take {problem}"):
        check_plain(make(), SHAPE)


@pytest.mark.slow  # compiles a network
@pytest.mark.parametrize("kind", ["sgd", "adamw"])
def test_what_is_held_fixed_or_read_by_nobody_is_not_moved(kind: Literal["sgd", "adamw"]) -> None:
    """Not by weight decay either; all else moves as in PyTorch."""
    torch.manual_seed(0)
    model = Net()
    model.conv.weight.requires_grad_(requires_grad=False)
    model.spare, model.drop, model.unread = nn.Sequential(nn.Linear(3, 3), nn.BatchNorm2d(4)), nn.Identity(), _one()
    reference = copy.deepcopy(model)
    optimizer = Optimizer(kind=kind, lr=0.1, momentum=0.9, weight_decay=0.1)
    network = Network(model.train(), SHAPE, 16)
    assert [*network.fixed] == [
        "unread",
        "conv.weight",
        "spare.0.weight",
        "spare.0.bias",
        "spare.1.weight",
        "spare.1.bias",
    ]
    update, usual = update_for(network, model, optimizer, None), optimizer_for(reference.train(), optimizer)
    x, y = torch.randn(16, *SHAPE), torch.arange(16) % 10
    for _ in range(3):
        network.learn(x.numpy(), y.numpy())
        update.step(0.1)
        usual.zero_grad()
        torch.autograd.backward(F.cross_entropy(reference(x), y))
        usual.step()
    for (name, got), wanted in zip(model.state_dict().items(), reference.state_dict().values(), strict=True):
        torch.testing.assert_close(got, wanted, rtol=1e-4, atol=1e-5, msg=name)


def test_a_penalty_on_what_is_not_learned_is_refused() -> None:
    """Some penalties would move it and some would not."""
    penalty = Penalty(kind="prox", lam=1e-3)
    check_fixed(Net(), ["conv.bias"], penalty)
    with pytest.raises(EngineError, match=r"conv.weight: the penalty acts on it, and it is not learned"):
        check_fixed(Net(), ["conv.weight"], penalty)


def test_a_model_may_read_how_much_it_drops() -> None:
    """Paired dropout takes the place of PyTorch's, its share included."""
    net = Net()
    pair(net)
    assert net.drop.p == 0.25
