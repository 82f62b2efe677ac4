"""What other people's networks are made of, beside float64's autograd."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from torch.nn import functional as F
from torch.nn.utils import parametrize
from torch.nn.utils.parametrizations import weight_norm

from normlab.errors import EngineError
from normlab.norms.standardized import standardize
from normlab.training.dropout import PairedDropout, pair
from normlab.training.lanes.plain import check_plain

pytestmark = pytest.mark.slow  # each test compiles a network of its own
CLOSE = 1e-5
SHAPE = (2, 6, 7)
Forward = Callable[[Any, torch.Tensor], torch.Tensor]
images, channels = st.integers(1, 40), st.integers(1, 4)


class Calls(nn.Module):
    """Layers that a forward of one's own calls, `m[0]` and so on."""

    def __init__(self, forward: Forward, *layers: nn.Module) -> None:
        super().__init__()
        self.how, self.layers = forward, nn.ModuleList(layers)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """What the test says."""
        return self.how(self.layers, x)


def around(block: nn.Module, shape: tuple[int, int, int] = SHAPE, mixed: int = 4) -> nn.Module:
    """The block behind a convolution, which needs its slopes, and before a linear layer on whatever it leaves."""
    front = nn.Conv2d(shape[0], mixed, 1)
    with torch.no_grad():
        made = copy.deepcopy(block)(front(torch.zeros(2, *shape)))
    return nn.Sequential(front, block, nn.Flatten(), nn.Linear(made[0].numel(), 3))


def assert_same(twins: Any, block: nn.Module, shape: tuple[int, int, int] = SHAPE, mixed: int = 4) -> None:
    """Loss, gradient and scores, of a whole batch and of a smaller one after it."""
    both = twins(around(block, shape, mixed), shape, 20)
    for count, seed in ((20, 0), (13, 3)):
        loss, gradient = both.learn(count, seed)
        assert loss <= CLOSE
        assert gradient <= CLOSE
    assert both.judge(20) <= CLOSE


# Convolutions

WAYS = [
    nn.Conv2d(4, 6, 3, padding=1, groups=2),
    nn.Conv2d(4, 4, 3, padding=1, groups=4),
    nn.Conv2d(4, 8, 3, 2, 1, groups=4, bias=False),
    nn.Conv2d(4, 5, 3, padding=2, dilation=2),
    nn.Conv2d(4, 5, 3, 2, 2, dilation=2),
    nn.Conv2d(4, 5, 3, dilation=(2, 1)),
    nn.Conv2d(4, 4, 3, padding=(2, 3), dilation=(2, 3), groups=2),
    nn.Conv2d(4, 5, 3, padding=1, padding_mode="reflect"),
    nn.Conv2d(4, 5, 3, padding=1, padding_mode="circular"),
    nn.Conv2d(4, 5, (3, 5), 2, (1, 2), padding_mode="replicate"),
    nn.Conv2d(4, 5, 1, padding=1),
    nn.Conv2d(4, 5, 3, padding="same", dilation=2),
]


@pytest.mark.parametrize("block", WAYS, ids=repr)
def test_a_convolution_may_have_groups_gaps_and_any_padding(twins: Any, block: nn.Module) -> None:
    """Depthwise ones, dilated ones, those that pad with what is there or wider than their kernel."""
    assert_same(twins, block)


@pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel lengths:UserWarning")
def test_an_even_kernel_may_keep_the_size(twins: Any) -> None:
    """PyTorch pads one more behind than before."""
    assert_same(twins, nn.Conv2d(4, 5, (3, 2), padding="same"))


@st.composite
def convolutions(draw: st.DrawFn) -> nn.Conv2d:
    """Of any number of groups, with gaps or without."""
    groups, kernel = draw(st.integers(1, 4)), draw(st.sampled_from([1, 3]))
    gaps, stride = draw(st.integers(1, 2)), draw(st.integers(1, 2))
    inputs, outputs = groups * draw(channels), groups * draw(channels)
    padding = draw(st.integers(0, 2))
    mode = draw(st.sampled_from(["zeros", "reflect", "replicate", "circular"]))
    return nn.Conv2d(inputs, outputs, kernel, stride, padding, gaps, groups, padding_mode=mode)


@settings(max_examples=15)
@given(convolutions(), st.integers(5, 8), st.integers(5, 8))
@pytest.mark.long
def test_any_convolution_gives_the_gradient(twins: Any, block: nn.Conv2d, height: int, width: int) -> None:
    """Whatever its channels, groups, plane, kernel, gaps, stride and padding."""
    assert_same(twins, block, (2, height, width), block.in_channels)


# Activations, norms and dropout


@pytest.mark.parametrize("block", [nn.PReLU(), nn.Sequential(nn.Conv2d(4, 4, 3), nn.PReLU(4))], ids=["one", "each"])
def test_a_slope_below_zero_is_learned(twins: Any, block: nn.Module) -> None:
    """One for all channels or one for each."""
    assert_same(twins, block)


class Named(nn.BatchNorm2d):
    """A batch norm that says how it is made, and computes nothing else."""

    def __init__(self, channels: int) -> None:
        super().__init__(channels, eps=1e-3, momentum=0.2)


def test_a_class_that_adds_nothing_is_its_parent(twins: Any) -> None:
    """Many people name their norm once for all of its settings."""
    assert_same(twins, nn.Sequential(nn.Conv2d(4, 4, 3), Named(4), nn.ReLU()))


class Activated(nn.BatchNorm2d):
    """A batch norm with a relu inside, as timm's."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Written with PyTorch's function on its own statistics."""
        if self.training:
            self.num_batches_tracked.add_(1)
        always = self.training or not self.track_running_stats
        given = self.running_mean, self.running_var, self.weight, self.bias, always, self.momentum, self.eps
        return F.relu(F.batch_norm(x, *given), inplace=True)


class Last(nn.LayerNorm):
    """A layer norm over the channels of images, as ConvNeXt's."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Written with permutations and PyTorch's function."""
        x = F.layer_norm(x.permute(0, 2, 3, 1), self.normalized_shape, self.weight, self.bias, self.eps)
        return x.permute(0, 3, 1, 2)


class Grouped(nn.GroupNorm):
    """A group norm in the numbers that its weights have."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Written with PyTorch's function."""
        return F.group_norm(x.to(self.weight.dtype), self.num_groups, self.weight, self.bias, self.eps)


class Same(nn.Conv2d):
    """A convolution that pads as TensorFlow's, by the size of what it is given."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Written with PyTorch's functions."""
        if x.shape[-2] % self.stride[0] == 0:
            x = F.pad(x, [0, 1, 0, 1])
        return F.conv2d(x, self.weight, self.bias, self.stride, self.padding, self.dilation, self.groups)


class Cast(nn.Linear):
    """A linear layer that calls PyTorch's function."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """As its parent."""
        return F.linear(x, self.weight, self.bias)


DERIVED: dict[str, nn.Module] = {
    "norm and relu": nn.Sequential(nn.Conv2d(4, 5, 3), Activated(5), nn.Conv2d(5, 4, 3)),
    "channels last inside": nn.Sequential(nn.Conv2d(4, 5, 3), Last(5), nn.ReLU()),
    "groups": Grouped(2, 4),
    "padding by size": nn.Sequential(Same(4, 5, 3, 2), nn.ReLU()),
    "features": nn.Sequential(nn.Flatten(), Cast(4 * 6 * 7, 5)),
}


@pytest.mark.parametrize("name", DERIVED)
def test_a_class_of_ones_own_may_call_pytorchs_function(twins: Any, name: str) -> None:
    """With its own parameters and statistics, which then train as the layer's that it derives from."""
    assert_same(twins, copy.deepcopy(DERIVED[name]))


def test_statistics_of_a_derived_norm_stay_the_models(twins: Any) -> None:
    """What the kernels keep is what the model's own state holds."""
    both = twins(around(nn.Sequential(nn.Conv2d(4, 5, 3), Activated(5))), SHAPE, 20)
    both.learn(20)
    for name, value in both.reference.state_dict().items():
        torch.testing.assert_close(both.model.state_dict()[name].to(value.dtype), value, rtol=1e-4, atol=1e-4)


FEATURES = nn.Sequential(nn.Flatten(), nn.Linear(4 * 6 * 7, 8))


@pytest.mark.parametrize(
    "norm", [nn.BatchNorm1d(8), nn.BatchNorm1d(8, affine=False), nn.LayerNorm(8), nn.GroupNorm(2, 8)], ids=repr
)
def test_features_may_be_normalized(twins: Any, norm: nn.Module) -> None:
    """Over the batch, over all features or over groups of them."""
    assert_same(twins, nn.Sequential(copy.deepcopy(FEATURES), norm, nn.Tanh()))


@pytest.mark.parametrize(
    "before",
    [nn.Conv2d(4, 5, 3), nn.Sequential(nn.Conv2d(4, 5, 3), nn.BatchNorm2d(5), nn.ReLU()), nn.Conv2d(4, 5, (3, 2))],
    ids=["convolution", "norm", "even rows"],
)
def test_whole_channels_may_be_dropped(twins: Any, before: nn.Module) -> None:
    """The masks are those of every other engine."""
    model = nn.Sequential(copy.deepcopy(before), nn.Dropout2d(0.4))
    assert [layer.unit for layer in pair(model)] == ["channel"]
    assert_same(twins, model)


class Drops(nn.Module):
    """The network of PyTorch's first example: dropout as functions, beside a layer."""

    def __init__(self) -> None:
        super().__init__()
        self.conv, self.layer, self.one = nn.Conv2d(4, 6, 3), nn.Dropout2d(0.2), nn.Linear(6 * 2 * 2, 9)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Of channels, of rectified features, and in place."""
        x = F.relu(F.max_pool2d(self.layer(F.dropout2d(self.conv(x), 0.3, self.training)), 2))
        x = F.dropout(F.relu(self.one(x.flatten(1))), training=self.training)
        return torch.dropout(F.dropout(x * 2, 0.1, self.training, inplace=True), 0.2, self.training)


class Stuck(Drops):
    """Drops in eval mode too, as who forgets to say the mode."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """As its parent, and once more."""
        return F.dropout(super().forward(x), 0.3)


def test_dropout_may_be_a_function(twins: Any) -> None:
    """Its masks are those of every other engine, and in eval mode there are none."""
    assert_same(twins, Drops())


def test_dropout_that_never_ends_is_refused() -> None:
    """It is named."""
    with pytest.raises(EngineError, match=r"dropout.*goes on in eval mode"):
        check_plain(around(Stuck()), SHAPE)


@pytest.mark.parametrize("layer", [nn.ReLU(), nn.GELU(), PairedDropout(0.3)], ids=lambda layer: type(layer).__name__)
def test_a_flattened_plane_may_be_looked_at_value_by_value(twins: Any, layer: nn.Module) -> None:
    """What looks at one value at a time does not care."""
    assert_same(twins, nn.Sequential(nn.Flatten(), layer, nn.Linear(4 * 6 * 7, 5)))


# Weights that are computed


def standardized() -> nn.Module:
    """`ws+`, as our own norms have it."""
    return standardize(nn.Sequential(nn.Conv2d(4, 6, 3, bias=False), nn.GroupNorm(2, 6), nn.ReLU()))


class Scaled(nn.Conv2d):
    """Standardized by PyTorch's batch norm and scaled by a gain of its own (Brock et al. 2021)."""

    def __init__(self) -> None:
        super().__init__(4, 6, 3, padding=1, groups=2)
        self.gain = nn.Parameter(torch.linspace(0.5, 1.5, 6))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """By a kernel that batch norm makes."""
        flat = self.weight.reshape(1, len(self.weight), -1)
        made = F.batch_norm(flat, None, None, weight=self.gain * 0.3, training=True, momentum=0.0)
        return F.conv2d(x, made.reshape_as(self.weight), self.bias, padding=1, groups=2)


class Normed(nn.Linear):
    """Each row of its weight is as long as its gain says (weight norm, Salimans and Kingma 2016)."""

    def __init__(self) -> None:
        super().__init__(4 * 6 * 7, 5)
        self.gain = nn.Parameter(torch.linspace(0.5, 1.5, 5))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """By the row's direction alone."""
        made = self.gain[:, None] * self.weight / self.weight.norm(dim=1, keepdim=True)
        return F.linear(x.flatten(1), made, self.bias)


class Softened(nn.Module):
    """A factor and a shift a channel that are positive whatever is learned, and a kernel of two factors."""

    def __init__(self) -> None:
        super().__init__()
        self.factor, self.shift = nn.Parameter(torch.zeros(4)), nn.Parameter(torch.zeros(4, 1, 1))
        self.left, self.right = nn.Parameter(torch.randn(5, 2)), nn.Parameter(torch.randn(2, 36))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Low rank, and the shift once more as it is."""
        x = x * F.softplus(self.factor).view(1, -1, 1, 1) + self.shift.exp() + self.shift
        return F.conv2d(x, (self.left @ self.right).view(5, 4, 3, 3))


def parametrized() -> nn.Module:
    """As PyTorch has it: weight norm, and a weight that is its own transpose."""
    symmetric = parametrize.register_parametrization(nn.Conv2d(4, 4, 1), "weight", Symmetric())
    return nn.Sequential(weight_norm(nn.Conv2d(4, 4, 3)), symmetric)


class Symmetric(nn.Module):
    """A matrix of channels and its transpose."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(C, C, 1, 1)."""
        return x + x.transpose(0, 1)


COMPUTED = {"scaled": Scaled, "normed": Normed, "soft": Softened, "ws": standardized, "parametrized": parametrized}


@pytest.mark.parametrize("made", COMPUTED.values(), ids=COMPUTED)
def test_weights_may_be_computed_of_parameters(twins: Any, made: Callable[[], nn.Module]) -> None:
    """They are computed anew in each step, and what is learned is the parameters."""
    assert_same(twins, made())


def test_computed_weights_follow_the_parameters(twins: Any) -> None:
    """What moves the parameters moves what the next step and the next judgement see."""
    both = twins(around(Scaled()), SHAPE, 20)
    for round_ in range(2):
        assert max(both.learn(20, round_)) <= CLOSE
        assert both.judge(13) <= CLOSE
        with torch.no_grad():
            for mine, theirs in zip(both.model.parameters(), both.reference.parameters(), strict=True):
                mine.mul_(0.7)
                theirs.copy_(mine)


class Chancy(Softened):
    """Drops values of a parameter."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """As its parent, with less."""
        return super().forward(x) * F.dropout(self.factor.exp(), 0.5, self.training)[0]


class Counting(Softened):
    """Changes a parameter while it is called."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """As its parent, with ever less."""
        return super().forward(x) * self.factor.data.mul_(0.5)[0]


@pytest.mark.parametrize("block", [Chancy, Counting])
def test_computed_weights_are_computed_and_nothing_else(block: Callable[[], nn.Module]) -> None:
    """Chance, and a change of what is learned, are refused."""
    with pytest.raises(EngineError, match="is not"):
        check_plain(around(block()), SHAPE)


# Branches and pieces


class Scales(nn.Module):
    """A branch times, or plus, a parameter of the network's own."""

    def __init__(self, shape: tuple[int, ...], how: Callable[[torch.Tensor, torch.Tensor], torch.Tensor]) -> None:
        super().__init__()
        self.own, self.branch, self.how = nn.Parameter(torch.rand(shape) + 0.5), nn.Conv2d(4, 4, 3, padding=1), how

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Beside what it was given."""
        return x + self.how(self.branch(x), self.own)


def conv(outputs: int = 4, inputs: int = 4, stride: int = 1) -> nn.Conv2d:
    return nn.Conv2d(inputs, outputs, 3, stride, 1)


def unpacked(m: Any, x: torch.Tensor) -> torch.Tensor:
    a, b = x.chunk(2, 1)
    return torch.cat([m[0](a), b, a], 1)


def in_three(m: Any, x: torch.Tensor) -> torch.Tensor:
    parts = torch.split(m[0](x), [2, 1, 2], 1)
    return parts[0] * parts[-1] + parts[0]


def squeezed(m: Any, x: torch.Tensor) -> torch.Tensor:
    b, c, _, _ = x.size()
    return x * m[0](F.adaptive_avg_pool2d(x, 1).view(b, c)).view(b, c, 1, 1).expand_as(x)


def shuffled(_: Any, x: torch.Tensor) -> torch.Tensor:
    b, c, h, w = x.size()
    assert c % 2 == 0, "an even number of channels is expected"
    return x.view(b, 2, c // 2, h, w).transpose(1, 2).contiguous().view(b, c, h, w)


SQUEEZE = nn.Sequential(nn.Linear(4, 2), nn.ReLU(), nn.Linear(2, 4), nn.Sigmoid())
BRANCHES: dict[str, nn.Module] = {
    "joined": Calls(lambda m, x: torch.cat([x, m[0](x), x], 1), conv(3)),
    "cut in two": Calls(unpacked, conv(3, 2)),
    "cut in three": Calls(in_three, conv(5)),
    "cut evenly": Calls(lambda m, x: m[0](x).split(2, dim=1)[1], conv(5)),
    "every other": Calls(lambda m, x: F.pad(x[:, :, ::2, ::2], (0, 0, 0, 0, 1, 1)) + m[0](x), conv(6, 4, 2)),
    "a corner": Calls(lambda m, x: m[0](x)[:, 1:3, 1:, :-1], conv()),
    "numbers": Calls(lambda m, x: 1 - 2 * m[0](x) / 3 + (0.5 * x - 1), conv()),
    "negative": Calls(lambda m, x: -m[0](x), conv()),
    "squeeze": Calls(squeezed, SQUEEZE),
    "squeeze by convolutions": Calls(
        lambda m, x: m[1](F.relu(m[0](F.adaptive_avg_pool2d(x, 1)))).sigmoid() * x,
        nn.Conv2d(4, 2, 1),
        nn.Conv2d(2, 4, 1),
    ),
    "squeeze by features": Calls(lambda m, x: x * m[0](x.mean((2, 3)))[:, :, None, None], SQUEEZE),
    "attention to places": Calls(lambda m, x: x * torch.sigmoid(m[0](x)), conv(1)),
    "square": Calls(lambda _, x: x * x),
    "layer scale": Scales((4, 1, 1), lambda x, own: own * x),
    "layer scale by shape": Scales((4,), lambda x, own: x * own.view(1, -1, 1, 1)),
    "one number": Scales((1,), lambda x, own: x.mul(own)),
    "no dimension": Scales((), lambda x, own: own * x),
    "shift": Scales((4,), lambda x, own: x + own.reshape(-1, 1, 1)),
    "shuffled by hand": nn.Sequential(nn.Conv2d(4, 6, 1), Calls(shuffled), conv(3, 6)),
    "difference": Calls(lambda m, x: m[0](x) - x, conv()),
    "shuffled": nn.Sequential(nn.Conv2d(4, 6, 1), nn.ChannelShuffle(3)),
}


@pytest.mark.parametrize("name", BRANCHES)
def test_branches_are_joined_cut_and_multiplied(twins: Any, name: str) -> None:
    """As dense blocks, shuffles, shortcuts without weights, squeeze-and-excite and layer scale do."""
    assert_same(twins, copy.deepcopy(BRANCHES[name]))


PADS = [
    nn.ZeroPad2d((1, 0, 2, 1)),
    nn.ConstantPad2d(1, 0.7),
    nn.ReflectionPad2d((1, 2, 0, 3)),
    nn.ReplicationPad2d((3, 2, 0, 3)),
    nn.CircularPad2d((1, 2, 0, 3)),
]


@pytest.mark.parametrize("pad", PADS, ids=repr)
def test_planes_are_padded(twins: Any, pad: nn.Module) -> None:
    """With a number, or with what is there."""
    assert_same(twins, nn.Sequential(pad, conv()))


# Pools and shapes

POOLS: dict[str, nn.Module] = {
    "largest of all": nn.AdaptiveMaxPool2d(1),
    "largest, by a function": Calls(lambda _, x: x.amax((2, 3))),
    "padded mean": nn.AvgPool2d(3, 2, 1),
    "mean of a size that was read": Calls(lambda _, x: F.avg_pool2d(x, x.size()[2:])),
    "squeezed": Calls(lambda _, x: F.avg_pool2d(x, x.shape[-2:]).squeeze(-1).squeeze(-1)),
    "picked": Calls(lambda _, x: F.adaptive_avg_pool2d(x, 1)[:, :, 0, 0]),
    "rounded up": nn.AvgPool2d(2, 2, ceil_mode=True),
    "rounded up and padded": nn.AvgPool2d(3, 2, 1, ceil_mode=True),
    "what is inside": nn.AvgPool2d(3, 2, 1, count_include_pad=False),
    "what is inside, rounded up": nn.AvgPool2d(2, 2, ceil_mode=True, count_include_pad=False),
    "a divisor of its own": nn.AvgPool2d(2, divisor_override=3),
    "uneven windows": nn.AdaptiveAvgPool2d((4, 3)),
    "more windows than positions": nn.AdaptiveAvgPool2d((7, 9)),
}


@pytest.mark.parametrize("name", POOLS)
def test_pools_are_spelled_in_many_ways(twins: Any, name: str) -> None:
    """And mean the same."""
    assert_same(twins, copy.deepcopy(POOLS[name]))


# Channels last


class ConvNeXt(nn.Module):
    """Its block: depthwise, layer norm over channels, two linear layers, layer scale (Liu et al. 2022)."""

    def __init__(self, width: int = 4) -> None:
        super().__init__()
        self.depthwise = nn.Conv2d(width, width, 5, padding=2, groups=width)
        self.norm, self.wide, self.narrow = nn.LayerNorm(width), nn.Linear(width, 12), nn.Linear(12, width)
        self.scale = nn.Parameter(torch.rand(width) + 0.1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """As in the paper."""
        y = self.depthwise(x).permute(0, 2, 3, 1)
        y = self.scale * self.narrow(F.gelu(self.wide(self.norm(y))))
        return x + y.permute(0, 3, 1, 2)


class Tokens(nn.Module):
    """The same on tokens, without positions."""

    def __init__(self) -> None:
        super().__init__()
        self.norm, self.wide, self.narrow = nn.LayerNorm(4), nn.Linear(4, 12), nn.Linear(12, 4)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """To the mean token."""
        tokens = x.flatten(2).transpose(1, 2)
        return (tokens + self.narrow(F.gelu(self.wide(self.norm(tokens))))).mean(1)


class Back(Tokens):
    """Tokens that become an image again."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(N, C, H, W) to the same shape."""
        b, c, h, w = x.shape
        tokens = x.reshape(b, c, h * w).permute(0, 2, 1)
        tokens = self.narrow(self.wide(self.norm(tokens))) - 0.5 * tokens
        return tokens.transpose(1, 2).reshape(b, c, h, w)


@pytest.mark.parametrize("block", [ConvNeXt, Tokens, Back])
def test_channels_may_come_last(twins: Any, block: type[nn.Module]) -> None:
    """A layer of features is then a convolution of one position, a layer norm one over channels."""
    assert_same(twins, block())


# Behind a flattening


class Gated(nn.Module):
    """Flattened features, and a gate that a linear layer makes of them."""

    def __init__(self) -> None:
        super().__init__()
        self.gate = nn.Linear(4 * 6 * 7, 4 * 6 * 7)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """A product, and a sum with what still lies as a plane."""
        flat = x.flatten(1)
        gate = torch.sigmoid(self.gate(flat))
        return flat * gate + (F.relu(x).flatten(1) + gate)


FLATTENED = 4 * 6 * 7
BEHIND: dict[str, nn.Module] = {
    "batch norm": nn.Sequential(nn.Flatten(), nn.BatchNorm1d(FLATTENED), nn.ReLU(), nn.Dropout(0.0)),
    "layer norm": nn.Sequential(nn.Flatten(), nn.LayerNorm(FLATTENED), nn.GELU()),
    "group norm": nn.Sequential(nn.Flatten(), nn.GroupNorm(8, FLATTENED)),
    "RMS norm": nn.Sequential(nn.Flatten(), nn.RMSNorm(FLATTENED)),
    "slopes of its own": nn.Sequential(nn.Flatten(), nn.PReLU(FLATTENED)),
    "shares": nn.Sequential(nn.Flatten(), nn.Softmax(1)),
    "some features": Calls(lambda _, x: x.flatten(1)[:, 50:131:3]),
    "two branches joined": Calls(lambda _, x: torch.cat((x.flatten(1), torch.tanh(x).flatten(1), x.mean((2, 3))), 1)),
    "a gate": Gated(),
    "planes again": nn.Sequential(
        nn.Flatten(), nn.Linear(FLATTENED, 36), nn.Unflatten(1, (4, 3, 3)), nn.Conv2d(4, 5, 2)
    ),
    "other planes": nn.Sequential(nn.Flatten(), nn.Unflatten(1, (12, 2, 7)), nn.Conv2d(12, 5, 2)),
}


@pytest.mark.parametrize("which", BEHIND)
def test_what_comes_behind_a_flattening_finds_features(twins: Any, which: str) -> None:
    """Norms, choices and branches, and planes made of features."""
    assert_same(twins, copy.deepcopy(BEHIND[which]))
