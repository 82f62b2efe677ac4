from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from normlab.errors import NetworkError
from normlab.models import build
from normlab.models.course import course
from normlab.models.graph import Graph, read, trace
from normlab.models.lean import lean
from normlab.norms import resolve
from normlab.records import Job
from normlab.spec import Recipe

NORMS = ["bn", "ln", "gn", "in", "ln-chw", "ln-c", "rms", "none"]


def run(graph: Graph, x: torch.Tensor) -> torch.Tensor:
    """The graph, node by node."""
    values: dict[str, torch.Tensor] = {}
    for node in graph:
        given = [values[name] for name in node.inputs]
        if node.module is None:
            values[node.name] = given[0] + given[1] if node.is_sum else x
        else:
            values[node.name] = node.module(*(value.clone() for value in given))
        assert tuple(values[node.name].shape[1:]) == node.shape
    return values[graph.output]


@pytest.mark.parametrize("name", ["gbn:2", "brn", "ws+gn"])
def test_what_differs_in_training_alone_is_read_as_the_plain_module(name: str) -> None:
    """The graph's modules compute what the network does in eval mode; the network keeps its own."""
    model = build(Job(Recipe().model_copy(update={"norm": name}), 0)).eval()
    kinds = [type(module) for module in model.modules()]
    images, modules = torch.randn(2, 1, 28, 28), [node.module for node in read(model, (1, 28, 28)) if node.module]
    torch.testing.assert_close(nn.Sequential(*modules)(images), model(images))
    assert {type(module).__module__.partition(".")[0] for module in modules} == {"torch"}
    assert [type(module) for module in model.modules()] == kinds


class Functional(nn.Module):
    """Every function that is understood, a branch, and sizes read off a tensor."""

    def __init__(self) -> None:
        super().__init__()
        self.conv, self.inner = nn.Conv2d(1, 4, 3, padding=1), nn.Sequential(nn.Conv2d(4, 4, 1), nn.ReLU())
        self.classes, self.means = nn.Linear(16, 3), nn.Linear(4, 3)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Logits (N, 3) as logarithms of probabilities."""
        x = F.relu(self.conv(x), inplace=True)
        x = torch.add(x, self.inner(x)).relu()
        x = F.dropout(F.max_pool2d(x, 2, stride=1), 0.3, self.training)
        x = F.avg_pool2d(x, 2, padding=1)
        y = x.mean(dim=(-1, -2))
        x = F.adaptive_avg_pool2d(x, (2, 2))
        return F.log_softmax(self.classes(x.view(x.size(0), -1)) + self.means(y), dim=1)


class Overwriting(nn.Module):
    """Reads a value after it was overwritten."""

    def __init__(self) -> None:
        super().__init__()
        self.conv, self.relu = nn.Conv2d(1, 4, 3), nn.ReLU(inplace=True)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """relu(conv(x)) twice over."""
        x = self.conv(x)
        y = self.relu(x)
        x += y
        x.relu_()
        return x.flatten(1)


class TwoNames(Overwriting):
    """Has two names for one tensor, overwrites it by the one and reads it by the other."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Twice relu(conv(x))."""
        x = self.conv(x)
        y = self.relu(x)
        x.add_(y)
        return y.flatten(1)


class Unread(Overwriting):
    """Overwrites a value without reading what it is given back."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """relu(conv(x))."""
        x = self.conv(x)
        self.relu(x)
        return x.flatten(1)


@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize("make", [course, lean])
def test_our_models_are_read_layer_by_layer(make: Callable[..., nn.Module], norm: str) -> None:
    """Nodes are called as the layers, and compute what the model does."""
    model = make(resolve(norm)).eval()
    graph, x = read(model, (1, 28, 28)), torch.randn(2, 1, 28, 28)
    assert [node.name for node in graph][1:] == [name for name, _ in model.named_children()]
    torch.testing.assert_close(run(graph, x), model(x))


@pytest.mark.parametrize("make", [Functional, Overwriting, TwoNames, Unread])
def test_functions_become_modules(make: Callable[[], nn.Module]) -> None:
    """Written with functions, with sums and with values that are overwritten, the nodes compute the same."""
    torch.manual_seed(0)
    model, x = make().eval(), torch.randn(3, 1, 8, 8)
    torch.testing.assert_close(run(read(model, (1, 8, 8)), x), model(x))


def test_reading_changes_nothing() -> None:
    """The modes of a model's layers stay, and nodes hold copies."""
    model = lean(resolve("bn")).train()
    model.get_submodule("norm2").eval()
    modes = [module.training for module in model.modules()]
    graph = read(model, (1, 28, 28))
    assert [module.training for module in model.modules()] == modes
    assert graph["conv1"].module is not model.get_submodule("conv1")


def test_a_trace_has_the_models_own_modules_and_says_what_overwrites() -> None:
    """An engine trains those very parameters, and has to know what a module leaves of its input."""
    model = lean(resolve("bn"))
    for node in list(trace(model, (1, 28, 28)))[1:]:
        assert node.module is model.get_submodule(node.name)
        assert node.overwrites == isinstance(node.module, nn.ReLU)
    assert all(module.training for module in model.modules())


def test_a_module_that_is_whole_is_one_operation() -> None:
    """Others of one's own are looked into, and what they call is named by where it stands."""
    model = nn.Sequential(Odd(torch.erf))
    assert [type(node.module) for node in trace(model, (1, 8, 8), {Odd})][1:] == [Odd]
    with pytest.raises(NetworkError, match=r"^0 \(Odd\): .*erf.* is not understood$"):
        trace(model, (1, 8, 8))


class Odd(nn.Module):
    """Something of one's own."""

    def __init__(self, forward: Callable[[torch.Tensor], torch.Tensor]) -> None:
        super().__init__()
        self.does = forward

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """As it was told."""
        return self.does(x)


class Scaled(nn.Conv2d):
    """A convolution that is something else too."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Twice the convolution."""
        return 2 * super().forward(x)


def hooked() -> nn.Module:
    layer = nn.Conv2d(1, 2, 3)
    layer.register_forward_hook(lambda _layer, _given, y: 2 * y)
    return layer


@pytest.mark.parametrize(
    ("layer", "message"),
    [
        (nn.GELU(), r"body\.odd \(GELU\) is not understood; understood are Conv2d, Linear, BatchNorm2d"),
        (Odd(torch.sigmoid), r"body\.odd \(Odd\): .*sigmoid.* is not understood; understood are Conv2d"),
        (Odd(lambda x: x if x.sum() > 0 else -x), r"body\.odd \(Odd\) cannot be read: .*control flow"),
        (Odd(lambda x: x.transpose(0, 1)), r"body\.odd \(Odd\): .*transpose.* whose result is not one of each image"),
        (Odd(lambda x: x.reshape(x.size(0), 4, -1)), r"reshape.* which is no flattening"),
        (Odd(lambda x: x + 1), r"add.* is not understood"),
        (Odd(lambda x: x + x.mean((2, 3), keepdim=True)), r"no sum of two values"),
        (Odd(lambda x: x if x.size(0) > 1 else x.flatten(2)), r"a choice by how many images there are"),
        (Odd(lambda x: x.mean(1)), r"mean.* is not understood"),
        (Odd(lambda x: F.dropout(x)), r"dropout.* is not understood"),  # noqa: PLW0108 - F.dropout has no signature
        (Scaled(1, 2, 3), r"body\.odd \(Scaled\): .* is not understood"),
        (hooked(), r"body\.odd \(Conv2d\) has hooks"),
        (nn.Conv2d(1, 2, 3, padding_mode="circular"), r"body\.odd \(Conv2d\) does not pad with zeros"),
        (nn.Sequential(nn.Conv2d(1, 2, 1), nn.Conv2d(2, 2, 1, groups=2)), r"body\.odd\.1 \(Conv2d\) has groups"),
        (nn.MaxPool2d(2, return_indices=True), r"body\.odd \(MaxPool2d\) gives indices"),
    ],
)
def test_what_is_not_understood_is_named(layer: nn.Module, message: str) -> None:
    """The error says which module, of what class, and what would be understood, on one line."""
    model = nn.Sequential()
    model.add_module("body", nn.Sequential())
    model.get_submodule("body").add_module("odd", layer)
    with pytest.raises(NetworkError, match=message) as caught:
        read(model, (1, 8, 8))
    assert "\n" not in str(caught.value)


def test_shared_weights_are_named() -> None:
    """A layer that is called twice would be two layers in a smaller network."""
    layer = nn.Conv2d(1, 1, 3)
    with pytest.raises(NetworkError, match=r"0 \(Conv2d\) is used twice"):
        read(nn.Sequential(layer, nn.ReLU(), layer), (1, 8, 8))
