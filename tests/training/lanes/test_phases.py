"""The gradient of a strided convolution's input: its phases meet every tap once, and what was rectified is masked."""

from __future__ import annotations

from collections import Counter
from itertools import product
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn
from torch.nn import functional as F

from normlab.training.lanes.draft import Draft
from normlab.training.lanes.fuse import steps
from normlab.training.lanes.kernels import pointwise, winograd
from normlab.training.lanes.kernels.convolution import Correlate
from normlab.training.lanes.lower import to_train
from normlab.training.lanes.memory import Memory
from normlab.training.lanes.phases import Side, all_meet, through
from normlab.training.lanes.plane import Plane
from normlab.training.lanes.trace import trace


def made(side: Side) -> int:
    """How many outputs the convolution has along the side."""
    return (side.size + 2 * side.padding - (side.taps - 1) * side.dilation - 1) // side.stride + 1


@st.composite
def sides(draw: st.DrawFn) -> Side:
    taps, dilation = draw(st.integers(1, 7)), draw(st.integers(1, 4))
    reach = (taps - 1) * dilation
    size = draw(st.integers(1, 20))
    padding = draw(st.integers(min(reach, max(0, (reach + 1 - size + 1) // 2)), reach))
    return Side(max(size, reach + 1 - 2 * padding), taps, draw(st.integers(1, 5)), dilation, padding)


@given(sides())
def test_the_phases_meet_what_the_convolution_meets(side: Side) -> None:
    """Every pair of a position and a tap that made an output, once, at that output; and nothing else but zeros."""
    pairs = Counter(
        (o * side.stride + u * side.dilation - side.padding, u, o) for o in range(made(side)) for u in range(side.taps)
    )
    wanted = {pair for pair in pairs if 0 <= pair[0] < side.size}
    found = Counter(
        (met.first + m * side.stride, met.last - t * side.step, m - met.before + t * side.apart)
        for met in side.phases()
        for m, t in product(range(met.size), range(met.taps))
    )
    inside = {triple for triple in found if 0 <= triple[2] < made(side)}
    assert inside == wanted
    assert max(found.values(), default=1) == 1
    assert all(-side.reach(made(side)) <= o < made(side) + side.reach(made(side)) for _, _, o in found)
    assert all_meet((side, side)) is (
        {p % side.stride for p, _, _ in found} == {p % side.stride for p in range(side.size)}
    )


def test_no_zero_between_slopes_is_multiplied() -> None:
    """A kernel of 3 × 3 with a stride of 2: phases of one, two, two and four taps, nine together."""
    side = Side(size=8, taps=3, stride=2, dilation=1, padding=1)
    kernels = through(Plane(5, 4, 4, side.reach(4)), Plane(3, 8, 8), (side, side), adds=False)
    assert sorted(kernel.rows * kernel.columns for kernel in kernels) == [1, 2, 2, 4]


def test_without_a_stride_it_is_one_ordinary_convolution() -> None:
    """On the whole plane, with the kernel turned by half a turn, so that fewer products may do."""
    side = Side(size=8, taps=3, stride=1, dilation=1, padding=1)
    (kernel,) = through(Plane(5, 8, 8, 1), Plane(3, 8, 8), (side, side), adds=False)
    assert (kernel.y, kernel.padding, kernel.weights.start) == (Plane(3, 8, 8), (1, 1), 8)


def assert_learns(twins: Any, model: nn.Module, shape: tuple[int, int, int] = (1, 12, 14)) -> None:
    """The gradient is float64's, the last block not full."""
    with torch.no_grad():
        model(torch.zeros(2, *shape))
    pair = twins(model, shape, 20, exact=True)
    loss, gradient = pair.learn(19)
    assert loss < 1e-5
    assert gradient < 1e-5


STRIDED = [
    nn.Conv2d(4, 6, 3, 2, 1),
    nn.Conv2d(4, 6, 1, 2),
    nn.Conv2d(4, 6, 2, 2),
    nn.Conv2d(4, 6, 5, 3, 2),
    nn.Conv2d(4, 6, 3, 2, 2, dilation=2),
    nn.Conv2d(4, 6, 3, 3, 2, dilation=2),
    nn.Conv2d(4, 4, 3, 2, 1, groups=4),
    nn.Conv2d(4, 8, (7, 3), 2, (3, 1), groups=2),
    nn.Conv2d(4, 3, 4, 4),
    nn.Conv2d(4, 3, 1, 5),
]


@pytest.mark.parametrize("strided", STRIDED, ids=repr)
@pytest.mark.slow
def test_strided_convolutions_behind_what_is_rectified(twins: Any, strided: nn.Conv2d) -> None:
    """Of a convolution's relu, of a norm's, and of a sum that others read too."""
    assert_learns(twins, nn.Sequential(nn.Conv2d(1, 4, 3), nn.ReLU(), strided, nn.Flatten(), nn.LazyLinear(10)))
    front = nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), nn.ReLU()
    assert_learns(twins, nn.Sequential(*front, strided, nn.ReLU(), nn.Flatten(), nn.LazyLinear(10)))


@pytest.mark.slow
def test_a_phase_may_have_fewer_products_too(twins: Any) -> None:
    """Of a kernel of 5 × 5 with a stride of 2 one has 3 × 3 taps, and writes every second position."""
    side = Side(size=16, taps=5, stride=2, dilation=1, padding=2)
    kernels = through(Plane(16, 8, 8, side.reach(8)), Plane(16, 16, 16), (side, side), adds=False)
    assert [winograd.pays(kernel) for kernel in kernels].count(True) == 1
    front = nn.Conv2d(1, 16, 3, padding=1), nn.ReLU()
    assert_learns(
        twins, nn.Sequential(*front, nn.Conv2d(16, 16, 5, 2, 2), nn.Flatten(), nn.LazyLinear(10)), (1, 16, 16)
    )


class Forked(nn.Module):
    """What is rectified is read by a convolution, by a strided one, and added to."""

    def __init__(self, groups: int) -> None:
        super().__init__()
        self.front, self.norm = nn.Conv2d(1, 8, 3, padding=1), nn.GroupNorm(2, 8)
        self.one = nn.Conv2d(8, 8, 3, padding=1, groups=groups)
        self.two, self.last = nn.Conv2d(8, 8, 3, 2, 1), nn.LazyLinear(10)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Three readers of one value, two of the next."""
        x = F.relu(self.norm(self.front(x)))
        y = F.relu(x + self.one(x))
        return self.last(torch.flatten(self.two(y) + F.avg_pool2d(y, 2), 1))  # type: ignore[no-any-return]


@pytest.mark.parametrize("groups", [1, 2, 8])
@pytest.mark.slow
def test_the_last_slopes_that_come_are_masked(twins: Any, groups: int) -> None:
    """With those that had come before."""
    assert_learns(twins, Forked(groups))


def test_what_convolutions_read_needs_no_masking_of_its_own() -> None:
    """The kernel that writes the slopes sees to it: no operation goes through them once more."""
    layers = nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(), nn.Conv2d(16, 16, 3, padding=1), nn.ReLU()
    model = nn.Sequential(*layers, nn.Conv2d(16, 4, 3, 2, 1), nn.Flatten(), nn.Linear(4 * 16, 10))
    graph = trace(model, (1, 8, 8))
    operations = to_train(Draft(steps(graph), Memory(model, 8)))
    assert not [each for each in operations if isinstance(each.kernel, pointwise.RectifyGradient)]
    masked = [each.kernel for each in operations if getattr(each.kernel, "mask", None)]
    assert len(masked) == 5  # four phases, and one with fewer products
    assert sum(isinstance(kernel, Correlate) for kernel in masked) == 4
