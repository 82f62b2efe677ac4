from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from recipes import recipe as resolved
from torch import nn
from torch.nn import functional as F

from normlab.models import build
from normlab.norms import Slot, resolve
from normlab.records import Job
from normlab.training.dropout import PairedDropout, pair
from normlab.training.lanes.network import Network
from normlab.training.lanes.settings import ACTIVATIONS

pytestmark = pytest.mark.slow  # each compiles a network

CLOSE = 1e-5
NORMS = ["bn", "ln", "gn:2", "in", "ln-chw", "ln-c", "rms", "none"]
POOLS = [
    nn.MaxPool2d(2),
    nn.MaxPool2d(2, ceil_mode=True),
    nn.MaxPool2d(3, 2, 1),
    nn.MaxPool2d(2, 3),
    nn.AvgPool2d(2),
    nn.AvgPool2d(3, 2),
    nn.MaxPool2d((3, 2), (1, 2), (1, 0)),
    nn.MaxPool2d((2, 3), ceil_mode=True),
    nn.AvgPool2d((1, 3), (2, 1)),
    nn.AdaptiveAvgPool2d(1),
    nn.AdaptiveAvgPool2d((None, 1)),
]
channels, images = st.integers(1, 6), st.integers(1, 40)
planes, larger = (st.tuples(st.integers(least, 9), st.integers(least, 9)) for least in (3, 5))


def few(test: Callable[..., None]) -> Callable[..., None]:
    """A dozen examples, each of which compiles a network of its own: slow."""
    return pytest.mark.slow(settings(max_examples=12)(test))


class Residual(nn.Module):
    """y = relu(x + f(x)): a value that is read twice, and a relu of a sum."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.branch = nn.Conv2d(channels, channels, 3, padding=1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(N, C, H, W) to the same shape."""
        return F.relu(x + self.branch(x))


def around(block: nn.Module, shape: tuple[int, int, int], mixed: int = 2) -> nn.Module:
    """The block behind a convolution, which needs its slopes, and before a linear layer on whatever plane it leaves."""
    front = nn.Conv2d(shape[0], mixed, 1)
    with torch.no_grad():
        made = copy.deepcopy(block)(front(torch.zeros(2, *shape)))
    return nn.Sequential(front, block, nn.Flatten(), nn.Linear(made[0].numel(), 3))


def slot(norm: str, channels: int, size: tuple[int, int]) -> nn.Module:
    """A norm with a γ and β that are not 1 and 0."""
    made = resolve(norm)(Slot("norm", channels, size, 1))
    with torch.no_grad():
        for parameter in made.parameters():
            parameter.copy_(torch.from_numpy(np.random.default_rng(channels).uniform(0.5, 1.5, tuple(parameter.shape))))
    return made


def assert_close(off: tuple[float, float], tolerance: float = CLOSE) -> None:
    """Loss and gradient."""
    loss, gradient = off
    assert loss <= CLOSE
    assert gradient <= tolerance


# Each block alone


@pytest.mark.parametrize("kernel", [1, 3, 5])
@pytest.mark.parametrize("stride", [1, 2])
def test_every_kernel_and_stride_gives_the_gradient(twins: Any, kernel: int, stride: int) -> None:
    """A convolution's loss and slopes (weights, bias and what comes before) are those of float64."""
    block = nn.Conv2d(2, 3, kernel, stride, padding=kernel // 2)
    assert_close(twins(around(block, (1, 7, 6)), (1, 7, 6), 20).learn(20))


@st.composite
def convolutions(draw: st.DrawFn) -> nn.Conv2d:
    """Square or not, with padding up to one less than the kernel."""
    kernel = draw(st.sampled_from([1, 3, 5])), draw(st.sampled_from([1, 3, 5]))
    padding = tuple(draw(st.integers(0, min(2, k - 1))) for k in kernel)
    stride, bias = draw(st.sampled_from([1, 2])), draw(st.booleans())
    return nn.Conv2d(draw(channels), draw(channels), kernel, stride, padding, bias=bias)


@few
@given(convolutions(), larger, images)
@pytest.mark.long
def test_any_convolution_gives_the_gradient(twins: Any, block: nn.Conv2d, plane: tuple[int, int], count: int) -> None:
    """Whatever its channels, plane, kernel, stride, padding and bias."""
    shape = (2, *plane)
    assert_close(twins(around(block, shape, block.in_channels), shape, count).learn(count))


@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize("relu", [False, True])
def test_every_norm_gives_the_gradient(twins: Any, norm: str, relu: bool) -> None:
    """Each norm of the registry, also right behind a relu, whose slopes it masks itself."""
    block = nn.Sequential(*[nn.ReLU()] * relu, slot(norm, 4, (4, 5)))
    assert_close(twins(around(block, (2, 4, 5), 4), (2, 4, 5), 20, exact=relu).learn(20))


@pytest.mark.parametrize(
    "norm",
    [
        nn.BatchNorm2d(4, affine=False),
        nn.GroupNorm(2, 4, affine=False),
        nn.InstanceNorm2d(4),
        nn.InstanceNorm2d(4, affine=True),
        nn.LayerNorm((4, 4, 5), elementwise_affine=False),
        nn.LayerNorm((4, 4, 5), bias=False),
    ],
    ids=repr,
)
def test_a_norm_may_have_no_scale_and_no_shift(twins: Any, norm: nn.Module) -> None:
    """As if they were 1 and 0, in two steps one after the other and in eval mode."""
    both = twins(around(nn.Sequential(norm, nn.ReLU(), nn.Conv2d(4, 3, 3)), (2, 4, 5), 4), (2, 4, 5), 20)
    assert_close(both.learn(20), 1e-4)
    assert_close(both.learn(13, seed=3), 1e-4)
    assert both.judge(20) <= 1e-4


@few
@given(st.sampled_from(NORMS), channels, planes, images)
@pytest.mark.long
def test_any_norm_gives_the_gradient(twins: Any, norm: str, width: int, plane: tuple[int, int], count: int) -> None:
    """Whatever channels and plane, odd and even rows."""
    mixed = 2 * width if norm == "gn:2" else width
    shape = (2, *plane)
    assert_close(twins(around(slot(norm, mixed, plane), shape, mixed), shape, count).learn(count))


@few
@given(channels, planes, images, st.booleans())
@pytest.mark.long
def test_a_relu_passes_slopes_where_it_passes_values(
    twins: Any, mixed: int, plane: tuple[int, int], count: int, alone: bool
) -> None:
    """Behind a convolution or by itself; at exactly 0 no slope passes, as in PyTorch."""
    shape = (2, *plane)
    block = nn.Sequential(*[nn.AvgPool2d(1)] * alone, nn.ReLU())
    assert_close(twins(around(block, shape, mixed), shape, count, exact=True).learn(count))


@pytest.mark.parametrize("activation", [*(kind() for kind in ACTIVATIONS), nn.GELU("tanh")], ids=repr)
def test_every_activation_gives_the_gradient(twins: Any, activation: nn.Module) -> None:
    """Behind a convolution, read by another and by a sum."""

    class Twice(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.wide, self.how, self.conv = nn.Conv2d(2, 4, 1), activation, nn.Conv2d(4, 4, 3, padding=1)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            x = self.how(self.wide(x))
            return self.conv(x) + x

    both = twins(around(Twice(), (1, 5, 4)), (1, 5, 4), 20)
    assert_close(both.learn(20))
    assert both.judge(20) <= CLOSE


def test_a_log_softmax_may_come_last(twins: Any) -> None:
    """The loss takes it once more, which changes nothing; what is judged has it."""
    both = twins(nn.Sequential(nn.Flatten(), nn.Linear(20, 3), nn.LogSoftmax(1)), (1, 5, 4), 20)
    assert_close(both.learn(20))
    assert both.judge(20) <= CLOSE


@pytest.mark.parametrize("pool", POOLS, ids=repr)
def test_every_window_gives_the_gradient(twins: Any, pool: nn.Module) -> None:
    """Maximum and average, windows that overlap, leave gaps, or reach over an edge; ties go to the first."""
    assert_close(twins(around(pool, (2, 7, 6)), (2, 7, 6), 20, exact=True).learn(20))


@few
@given(st.sampled_from(POOLS), channels, planes, images)
@pytest.mark.long
def test_any_window_gives_the_gradient(
    twins: Any, pool: nn.Module, mixed: int, plane: tuple[int, int], count: int
) -> None:
    """Whatever the plane that the windows have to cover."""
    shape = (2, *plane)
    assert_close(twins(around(pool, shape, mixed), shape, count, exact=True).learn(count))


@few
@given(
    channels, planes, images, st.tuples(st.sampled_from([0.05, 0.5, 0.9]), st.sampled_from(["", "bn", "ln", "ln-c"]))
)
@pytest.mark.long
def test_dropout_has_the_reference_masks(
    twins: Any, mixed: int, plane: tuple[int, int], count: int, how: tuple[float, str]
) -> None:
    """Alone or after a norm, forward and backward, the values that stay are those of `PairedDropout`."""
    shape = (2, *plane)
    drop, norm = PairedDropout(how[0]), how[1]
    block = nn.Sequential(slot(norm, mixed, plane), drop) if norm else drop
    assert_close(twins(around(block, shape, mixed), shape, count).learn(count))


@few
@given(channels, planes, images)
@pytest.mark.long
def test_a_residual_sum_gives_the_gradient(twins: Any, mixed: int, plane: tuple[int, int], count: int) -> None:
    """A value that is read twice gets the slopes of both its readers."""
    shape = (2, *plane)
    assert_close(twins(around(Residual(mixed), shape, mixed), shape, count, exact=True).learn(count))


@pytest.mark.parametrize("first", [nn.BatchNorm2d(2), nn.ReLU(), nn.MaxPool2d(2), PairedDropout(0.3), nn.AvgPool2d(2)])
def test_any_block_may_come_first(twins: Any, first: nn.Module) -> None:
    """Nothing but a convolution has to read the images."""
    with torch.no_grad():
        made = first(torch.zeros(2, 2, 5, 4))[0].numel()
    model = nn.Sequential(first, nn.Flatten(), nn.Linear(made, 4), nn.ReLU(), nn.Linear(4, 3))
    assert_close(twins(model, (2, 5, 4), 20, exact=not isinstance(first, nn.BatchNorm2d)).learn(20))


def test_features_are_normalized_rectified_and_dropped_too(twins: Any) -> None:
    """Behind a linear layer the same blocks work on features."""
    features = nn.Sequential(nn.GroupNorm(2, 6), nn.ReLU(), PairedDropout(0.3))
    model = nn.Sequential(nn.Flatten(), nn.Linear(25, 6), features, nn.Linear(6, 3))
    assert_close(twins(model, (1, 5, 5), 20).learn(20))


def test_a_layer_that_is_used_twice_gets_both_slopes(twins: Any) -> None:
    """Shared weights sum the slopes of all their uses."""
    shared = nn.Conv2d(2, 2, 3, padding=1)
    assert_close(twins(around(nn.Sequential(shared, shared), (1, 5, 5)), (1, 5, 5), 20).learn(20))


@pytest.mark.parametrize("norm", ["bn", "gn:2"])
@pytest.mark.parametrize(
    "reader",
    [nn.Conv2d(4, 4, 3, padding=1), nn.Conv2d(4, 4, 3), Residual(4), nn.MaxPool2d(2), nn.ReLU(), nn.Identity()],
    ids=lambda reader: type(reader).__name__,
)
def test_slopes_take_the_place_of_what_nobody_reads_any_more(twins: Any, norm: str, reader: nn.Module) -> None:
    """Whoever reads a norm's output, once or twice, by windows or with a border, finds it where it needs it."""
    block = nn.Sequential(slot(norm, 4, (6, 6)), reader)
    assert_close(twins(around(block, (1, 6, 6), 4), (1, 6, 6), 40, exact=True).learn(40), tolerance=1e-3)


@pytest.mark.long
def test_batch_norm_keeps_one_plane_for_a_value_and_its_slopes() -> None:
    """Of the course's network: four norms before a convolution, 10 MB of a batch of 128."""
    made = build(job("course", "bn"))
    pair(made)
    names = {buffer.name for buffer in Network(made, (1, 28, 28), 16).arena.copies}
    assert {f"norm{i}" for i in range(1, 6)} <= names
    assert {name for name in names if name.startswith("slopes of norm")} == {"slopes of norm5"}


# Whole networks


def job(model: str, norm: str) -> Job:
    return Job(resolved(norm, preset=model), 3)


@pytest.mark.parametrize("norm", ["bn", "ln", "gn", "gn:2", "in", "ln-chw", "ln-c", "rms", "none"])
@pytest.mark.parametrize("model", ["course", "lean"])
def test_whole_networks_learn_and_judge_as_the_reference(twins: Any, model: str, norm: str) -> None:
    """Gradient (nearly tied decisions of relu and maximum aside), loss, running statistics and logits agree."""
    made = build(job(model, norm))
    pair(made)
    both = twins(made, (1, 28, 28), 40)
    for seed in range(2):
        assert_close(both.learn(40, seed), tolerance=1e-2)
    for name, wanted in both.reference.state_dict().items():
        if "running" in name or "tracked" in name:
            torch.testing.assert_close(made.state_dict()[name].double(), wanted.double(), rtol=1e-5, atol=1e-5)
    assert both.judge(37, 5) < 1e-4


# Batches


def plain(norm: str = "bn") -> nn.Module:
    block = nn.Sequential(nn.Conv2d(2, 4, 3, padding=1), slot(norm, 4, (5, 6)), PairedDropout(0.2))
    return around(block, (1, 5, 6))


@pytest.mark.parametrize("norm", ["bn", "gn:2", "ln-c"])
def test_a_batch_of_any_size_is_a_batch(twins: Any, norm: str) -> None:
    """One image, fewer than lanes, some more, all that there is room for, and few again: unused lanes do not count."""
    both = twins(plain(norm), (1, 5, 6), 40)
    for seed, count in enumerate([1, 3, 40, 17, 33, 2, 16]):
        assert_close(both.learn(count, seed))
        assert both.judge(count, seed) < CLOSE


def test_room_for_one_image_is_room(twins: Any) -> None:
    """A network for batches of one works."""
    assert_close(twins(plain(), (1, 5, 6), 1).learn(1))


def test_what_lies_on_unused_lanes_does_not_matter(twins: Any) -> None:
    """Whatever a larger batch left behind, a smaller one has the same bits."""
    both = twins(plain(), (1, 5, 6), 40)
    x, y = both.images(5), np.zeros(5, np.int64)
    rngs = [module for module in both.model.modules() if isinstance(module, PairedDropout)]

    def learned() -> tuple[float, bytes]:
        for dropout in rngs:
            dropout.rng = np.random.default_rng(0)
        loss, _ = both.network.learn(x, y)
        return loss, both.model[0].weight.grad.numpy().tobytes()

    first = learned()
    both.network.learn(1000 * both.images(40, 9), np.ones(40, np.int64))
    both.network.judge(1000 * both.images(40, 9))
    assert learned() == first


# State


def test_parameters_are_the_programs_memory(twins: Any) -> None:
    """A change of a parameter in place is seen by the next step, as an optimizer needs."""
    both = twins(plain("gn:2"), (1, 5, 6), 8)
    for parameter, other in zip(both.model.parameters(), both.reference.parameters(), strict=True):
        parameter.data.mul_(1.25).add_(0.125)
        other.data.mul_(1.25).add_(0.125)
    assert both.judge(8) < CLOSE
    assert_close(both.learn(8))


def test_gradients_are_written_anew_each_step(twins: Any) -> None:
    """`grad` stays the same tensor and holds the last batch's gradient, not a sum."""
    both = twins(plain(), (1, 5, 6), 8)
    before = [parameter.grad.data_ptr() for parameter in both.model.parameters()]
    for seed in range(3):
        assert_close(both.learn(8, seed))
    assert [parameter.grad.data_ptr() for parameter in both.model.parameters()] == before


def test_an_optimizers_steps_are_the_references(twins: Any) -> None:
    """Ten steps of SGD with momentum on both end at the same weights."""
    both = twins(plain("bn"), (1, 5, 6), 20)
    ways = [torch.optim.SGD(twin.parameters(), lr=0.05, momentum=0.9) for twin in (both.model, both.reference)]
    for seed in range(10):
        both.learn(20, seed)
        for way in ways:
            way.step()
    for mine, wanted in zip(both.model.parameters(), both.reference.parameters(), strict=True):
        torch.testing.assert_close(mine.double(), wanted, rtol=1e-3, atol=1e-4)


def test_batches_are_counted(twins: Any) -> None:
    """`num_batches_tracked` counts training steps, not judgements."""
    both = twins(plain(), (1, 5, 6), 8)
    for seed in range(3):
        both.learn(8, seed)
    both.judge(8)
    (norm,) = (module for module in both.model.modules() if isinstance(module, nn.BatchNorm2d))
    assert norm.num_batches_tracked == 3


def test_judging_uses_the_running_statistics(twins: Any) -> None:
    """After some steps eval mode gives the logits of PyTorch's eval mode, for one image as for many."""
    both = twins(plain(), (1, 5, 6), 40)
    for seed in range(5):
        both.learn(40, seed)
    assert both.judge(40, 7) < CLOSE
    alone = both.network.judge(both.images(1, 7))
    assert np.array_equal(alone, both.network.judge(both.images(1, 7)))
    assert both.judge(1, 7) < CLOSE


def test_judging_changes_nothing(twins: Any) -> None:
    """Statistics, weights and gradients stay as they are."""
    both = twins(plain(), (1, 5, 6), 8)
    both.learn(8)
    before = {name: value.clone() for name, value in both.model.state_dict().items()}
    slopes = [parameter.grad.clone() for parameter in both.model.parameters()]
    both.network.judge(both.images(8, 3))
    assert all(torch.equal(value, before[name]) for name, value in both.model.state_dict().items())
    assert all(torch.equal(p.grad, slope) for p, slope in zip(both.model.parameters(), slopes, strict=True))


def test_the_same_images_give_the_same_bits(twins: Any) -> None:
    """Nothing depends on chance or on time."""
    first, second = (twins(plain("gn:2"), (1, 5, 6), 20) for _ in range(2))
    x, y = first.images(20), np.arange(20) % 3
    for both in (first, second):
        both.network.learn(x, y)
    assert all(
        torch.equal(a.grad, b.grad) for a, b in zip(first.model.parameters(), second.model.parameters(), strict=True)
    )


def test_a_logit_that_is_no_number_gives_a_loss_that_is_none(twins: Any) -> None:
    """NaN is passed on, through relu and maximum too, so that a diverged run is seen."""
    block = nn.Sequential(nn.ReLU(), nn.MaxPool2d(2))
    both = twins(around(block, (1, 5, 6)), (1, 5, 6), 4)
    x = both.images(4)
    x[1, 0, 2, 2] = np.nan
    assert np.isnan(both.network.learn(x, np.zeros(4, np.int64))[0])
    assert np.isnan(both.network.judge(x)[1]).all()
    assert np.isfinite(both.network.judge(x)[[0, 2, 3]]).all()


def test_large_logits_do_not_overflow(twins: Any) -> None:
    """The softmax takes its largest logit away first."""
    both = twins(nn.Sequential(nn.Flatten(), nn.Linear(4, 3)), (1, 2, 2), 8)
    with torch.no_grad():
        for twin in (both.model, both.reference):
            twin[1].weight.mul_(1000)
    loss, gradient = both.learn(8)
    assert loss < 1e-4
    assert gradient < 1e-4
