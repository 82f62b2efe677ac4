"""Convolutions with fewer products: what is computed so, and that it is what the direct ones and float64 compute."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import Any

import against_float64
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from normlab.training.lanes.arena import Arena
from normlab.training.lanes.code import Code, Memory, Number
from normlab.training.lanes.kernels import winograd, winograd_slopes
from normlab.training.lanes.kernels.convolution import Correlate, WeightGradient, Weights
from normlab.training.lanes.kernels.kernel import Kernel
from normlab.training.lanes.operations import Buffer, Operation, Part
from normlab.training.lanes.plane import Plane
from normlab.training.lanes.program import Program
from normlab.training.lanes.target import Target, host

CLOSE = 1e-5
COUNT = 21


def direct(inputs: int, outputs: int, height: int = 8, width: int = 8, **how: Any) -> Correlate:
    kernel = {"rows": 3, "columns": 3, "weights": Weights.forward(inputs, 3, 3), "padding": (1, 1)} | how
    return Correlate(Plane(inputs, height, width, max(kernel["padding"])), Plane(outputs, height, width), **kernel)


@pytest.mark.parametrize(
    ("kernel", "pays"),
    [
        (direct(16, 16), True),
        (direct(16, 16, width=26), True),  # thirteen tiles
        (direct(10, 18), True),
        (direct(1, 64), False),  # one input has sums for each tile, and few products
        (direct(8, 8), False),
        (direct(16, 16, height=7), False),  # a row of half tiles
        (direct(16, 16, width=34), False),  # seventeen tiles fall into no equal parts
        (direct(16, 16, stride=2), False),
        (direct(16, 16, dilation=(2, 2), padding=(2, 2)), False),
        (direct(16, 16, rows=5, columns=5, padding=(2, 2)), False),
        (direct(16, 16, rows=1, columns=1, padding=(0, 0)), False),
    ],
)
def test_it_is_used_where_it_saves_more_than_it_costs(kernel: Correlate, pays: bool) -> None:
    """Kernels of three rows and columns, on planes of whole tiles, between enough channels."""
    assert winograd.pays(kernel) is pays


def slopes(inputs: int, outputs: int, height: int = 8, width: int = 8, **how: Any) -> WeightGradient:
    kernel = {"rows": 3, "columns": 3, "padding": (1, 1)} | how
    return WeightGradient(Plane(inputs, height, width, max(kernel["padding"])), Plane(outputs, height, width), **kernel)


@pytest.mark.parametrize(
    ("kernel", "pays"),
    [
        (slopes(16, 16), True),
        (slopes(8, 16), True),
        (slopes(16, 16, 14, 14), True),
        (slopes(16, 16, 64, 224), True),
        (slopes(8, 8), False),
        (slopes(10, 16), True),
        (slopes(10, 18), False),  # rounded up to 12 and 20, a quarter of the products would be idle
        (slopes(16, 16, 4, 4), False),  # four tiles: their sums over lanes cost what is saved
        (slopes(16, 16, 7, 8), False),
        (slopes(16, 16, stride=2), False),
        (slopes(16, 16, rows=1, columns=1, padding=(0, 0)), False),
        (slopes(16, 16, blocks=(1, 1)), False),  # summed over the whole batch
    ],
)
def test_so_are_slopes_of_weights(kernel: WeightGradient, pays: bool) -> None:
    """Of channels that nearly come in fours."""
    assert winograd_slopes.pays(kernel) is pays


@given(counts=st.sampled_from([4, 8, 16]), seed=st.integers(0, 99))
@settings(max_examples=10)
def test_sums_over_lanes_come_in_the_order_of_the_vectors(counts: int, seed: int) -> None:
    """As many vectors as there are lanes, halved and laid side by side."""
    if counts > host().lanes:
        return
    target = Target(host().cpu, host().features, counts, 32)
    rows = np.random.default_rng(seed).standard_normal((counts, counts)).astype(np.float32)
    given_, found = Buffer("rows", counts * counts), Buffer("sums", counts)
    operation = Operation(Sums(counts), (Part(given_), Part(found)), whole=True)
    arena = Arena([[operation]], 1)
    arena.view(given_)[:] = rows.reshape(1, -1)
    Program([operation], [arena], target).run(1)
    assert np.allclose(arena.view(found)[0], rows.sum(1), atol=1e-5)


@dataclass(frozen=True)
class Sums(Kernel):
    """Rows → the sum of each."""

    count: int
    pointers = 2

    def write(self, code: Code, memory: list[Memory], blocks: Number, target: Target) -> None:  # noqa: ARG002
        """All at once."""
        memory[1].put(0, code.totals([memory[0].vector(k) for k in range(self.count)]))


def block(inputs: int, outputs: int, padding: int, bias: bool) -> nn.Sequential:
    """A convolution whose input needs slopes, rectified, added to what it read, and one back."""
    return nn.Sequential(
        *(nn.Conv2d(2, inputs, 1), nn.Conv2d(inputs, outputs, 3, padding=padding, bias=bias), nn.ReLU()),
        *(nn.Conv2d(outputs, inputs, 3, padding=padding), nn.BatchNorm2d(inputs), nn.Flatten()),
    )


class Residual(nn.Module):
    """A branch and what it branches off, so that its slopes are added to others."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.one, self.two = (nn.Conv2d(channels, channels, 3, padding=1) for _ in range(2))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Two convolutions of it, and it."""
        return x + self.two(torch.relu(self.one(x)))


def errors(model: nn.Module, shape: tuple[int, int, int], target: Target | None = None) -> tuple[float, float, int]:
    """How far the gradient and the scores of a step are off float64's, and how many convolutions had fewer products."""
    torch.manual_seed(0)
    for module in model.modules():
        if isinstance(module, nn.Conv2d | nn.Linear):
            module.reset_parameters()
    gradient, scores, network = against_float64.step(model, shape, COUNT, target)
    return gradient, scores, sum(name.startswith("spread") for name, _ in network.memory.scratches)


@pytest.mark.slow  # each example compiles a network
@settings(max_examples=20)
@given(
    inputs=st.sampled_from([8, 10, 11, 12, 16, 20]),
    outputs=st.sampled_from([9, 12, 15, 16, 18, 24]),
    half=st.tuples(st.integers(2, 5), st.integers(2, 13)),
    padding=st.integers(0, 2),
    bias=st.booleans(),
)
@pytest.mark.long
def test_forward_and_slopes_are_float64s(
    inputs: int, outputs: int, half: tuple[int, int], padding: int, bias: bool
) -> None:
    """Any channels, planes of whole tiles, paddings, with a bias or without; whether it pays or not."""
    height, width = (2 * size + 2 for size in half)
    left = [size + 4 * (padding - 1) for size in (height, width)]
    model = nn.Sequential(*block(inputs, outputs, padding, bias), nn.Linear(inputs * left[0] * left[1], 3))
    gradient, scores, _ = errors(model, (2, height, width))
    assert gradient <= CLOSE
    assert scores <= CLOSE


@pytest.mark.slow  # compiles a network for each target
@pytest.mark.parametrize("lanes", [16, 8, 4])
@pytest.mark.long
def test_it_is_the_same_on_every_processor(lanes: int) -> None:
    """Vectors of 16, 8 and 4 images."""
    if lanes > host().lanes:
        pytest.skip("this processor has no such vectors")
    model = nn.Sequential(nn.Conv2d(2, 16, 1), Residual(16), nn.Flatten(), nn.Linear(16 * 8 * 6, 3))
    target = Target(host().cpu, host().features, lanes, 32 if lanes != 8 else 16)
    gradient, scores, fast = errors(model, (2, 8, 6), target)
    assert fast
    assert gradient <= CLOSE
    assert scores <= CLOSE


@pytest.mark.slow  # compiles a network in two ways
@pytest.mark.long
def test_it_rounds_little_more_than_the_direct_convolution(monkeypatch: pytest.MonkeyPatch) -> None:
    """Four convolutions deep, the gradient's error is less than four times as large."""
    model = nn.Sequential(nn.Conv2d(2, 32, 1), Residual(32), Residual(32), nn.Flatten(), nn.Linear(32 * 64, 3))
    fewer = errors(copy.deepcopy(model), (2, 8, 8))
    monkeypatch.setattr(winograd, "WORTH", 10**6)
    plain = errors(model, (2, 8, 8))
    assert (fewer[2] > 0) > (plain[2] > 0)
    assert fewer[0] <= 4 * plain[0]
    assert fewer[1] <= 4 * plain[1]
