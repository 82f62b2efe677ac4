"""Linear layers that read a whole plane: block by block and together they compute what float64 computes."""

from __future__ import annotations

from dataclasses import dataclass
from unittest.mock import patch

import against_float64
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from normlab.training.lanes import dense
from normlab.training.lanes.arena import Arena
from normlab.training.lanes.code import Code, Number
from normlab.training.lanes.code import Memory as Floats
from normlab.training.lanes.draft import Draft
from normlab.training.lanes.fuse import steps
from normlab.training.lanes.kernels.dense import Linear
from normlab.training.lanes.kernels.kernel import Kernel
from normlab.training.lanes.lower import to_train
from normlab.training.lanes.memory import Memory
from normlab.training.lanes.operations import Buffer, Operation, Part
from normlab.training.lanes.program import Program
from normlab.training.lanes.target import Target, host
from normlab.training.lanes.trace import trace

CLOSE = 1e-5
TARGETS = [host(), Target(host().cpu, host().features, 4, 16)]


def perceptron(shape: tuple[int, int, int], hidden: int, *, bias: bool, border: bool) -> nn.Module:
    """Two linear layers; where there is a `border`, a convolution reads the same images."""
    torch.manual_seed(0)
    width = int(np.prod(shape))
    first = nn.Linear(width, hidden, bias=bias)

    class Network(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.before = nn.Conv2d(shape[0], shape[0], 1)
            self.beside = nn.Conv2d(shape[0], 3, 3, padding=1) if border else None
            self.first, self.last = first, nn.Linear(hidden, 3, bias=bias)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            x = self.before(x)
            scores: torch.Tensor = self.last(torch.tanh(self.first(x.flatten(1))))
            return scores if self.beside is None else scores + self.beside(x).mean((2, 3))

    return Network()


@given(
    shape=st.tuples(st.integers(1, 20), st.integers(2, 7), st.integers(2, 7)),
    hidden=st.integers(1, 40),
    count=st.integers(1, 100),
    how=st.tuples(st.booleans(), st.booleans(), st.booleans()),
    target=st.sampled_from(TARGETS),
)
@settings(max_examples=25)
@pytest.mark.long
def test_gradient_and_scores_are_those_of_float64(
    shape: tuple[int, int, int], hidden: int, count: int, how: tuple[bool, bool, bool], target: Target
) -> None:
    """Of any width and number of blocks, whether some blocks are computed at a time or not."""
    together, bias, border = how
    with patch.object(dense, "together", lambda *_: together):
        gradient, scores, _ = against_float64.step(
            perceptron(shape, hidden, bias=bias, border=border), shape, count, target
        )
    assert max(gradient, scores) < CLOSE


@pytest.mark.parametrize(
    ("norm", "hidden", "at_once"),
    [
        (nn.BatchNorm2d(4), 64, [True, False]),
        (nn.BatchNorm2d(4), 63, [False, False]),  # its weights stay in cache
        (nn.GroupNorm(2, 4), 64, [True, False]),
        (nn.GroupNorm(2, 4), 63, [False, False]),
    ],
)
def test_a_wide_layer_reads_its_weights_for_some_blocks_at_once(
    norm: nn.Module, hidden: int, at_once: list[bool]
) -> None:
    """A narrow one lets a block pass on while it is in cache."""
    layers = nn.Conv2d(1, 4, 1), norm, nn.Flatten(), nn.Linear(256, hidden), nn.ReLU(), nn.Linear(hidden, 10)
    assert [o.whole for o in operations(nn.Sequential(*layers), (1, 8, 8)) if isinstance(o.kernel, Linear)] == at_once


def test_no_layer_makes_all_others_wait_for_weights_that_are_fewer_than_what_they_make() -> None:
    """With norms of single images a block stays in cache from the first layer to the last and back."""
    layers = nn.Conv2d(1, 64, 3, padding=1), nn.GroupNorm(2, 64), nn.MaxPool2d(4), nn.Flatten(), nn.Linear(3136, 10)
    found = [o.whole for o in operations(nn.Sequential(*layers), (1, 28, 28)) if isinstance(o.kernel, Linear)]
    assert found == [False]


def operations(model: nn.Module, shape: tuple[int, int, int]) -> list[Operation]:
    """What a step of training does."""
    plan = steps(trace(model.train(), shape))
    return to_train(Draft(plan, Memory(model, host().lanes)))


@dataclass(frozen=True)
class Turn(Kernel):
    """As many vectors as there are lanes, transposed."""

    pointers = 2

    def write(self, code: Code, memory: list[Floats], blocks: Number, target: Target) -> None:  # noqa: ARG002
        """See `Kernel.write`."""
        for k, value in enumerate(code.turned([memory[0].vector(k) for k in range(code.lanes)])):
            memory[1].put(k, value)


@pytest.mark.parametrize("lanes", [4, 8, 16])
def test_rows_become_columns(lanes: int) -> None:
    """A square of lanes is transposed in registers."""
    if lanes > host().lanes:
        pytest.skip("vectors are narrower here")
    target = Target(host().cpu, host().features, lanes, 32)
    given_, found = Buffer("rows", lanes**2, each_block=False), Buffer("columns", lanes**2, each_block=False)
    operation = Operation(Turn(), (Part(given_), Part(found)), whole=True)
    arena = Arena([[operation]], 1)
    rows = np.arange(lanes**2, dtype=np.float32)
    arena.view(given_)[0] = rows
    Program([operation], [arena], target).run(1)
    assert (arena.view(found)[0].reshape(lanes, lanes) == rows.reshape(lanes, lanes).T).all()
