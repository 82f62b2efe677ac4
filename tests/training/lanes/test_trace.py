from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from normlab.errors import EngineError
from normlab.training.dropout import PairedDropout
from normlab.training.lanes.fuse import steps
from normlab.training.lanes.network import Network
from normlab.training.lanes.trace import trace

SHAPE = (1, 5, 5)
Forward = Callable[[Any, torch.Tensor], torch.Tensor]


class OwnRelu(nn.Module):
    """A module of one's own that calls a function."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """ReLU."""
        return F.relu(x)


class Model(nn.Module):
    """A few layers, and whatever forward is given."""

    def __init__(self, forward: Forward) -> None:
        super().__init__()
        self.how = forward
        self.one, self.two = nn.Conv2d(1, 2, 3), nn.Conv2d(1, 2, 3)
        self.relu, self.drop = nn.ReLU(inplace=True), PairedDropout(0.5)
        self.norm, self.scale = nn.BatchNorm2d(2), nn.Parameter(torch.ones(1))
        self.end, self.own, self.empty = nn.Linear(18, 3), OwnRelu(), nn.Sequential()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """What the test says."""
        return self.how(self, x)


def on_data(m: Any, x: torch.Tensor) -> torch.Tensor:
    """Branches on what it sees."""
    return m.end(m.one(x).flatten(1)) if x.sum() > 0 else m.end(m.two(x).flatten(1))


def checked(x: torch.Tensor) -> torch.Tensor:
    """Looks at a shape first, as careful authors do."""
    torch._assert(x.shape[1] == 2, "two channels are expected")
    return x


def silent_failure(m: Any, x: torch.Tensor) -> torch.Tensor:
    """Raises without a word."""
    raise NotImplementedError


def kinds(forward: Forward) -> list[str]:
    return [
        step.kind + ("+relu" if step.relu else "") + ("+dropout" if step.dropout else "")
        for step in steps(trace(Model(forward), SHAPE))
    ]


@pytest.mark.parametrize(
    ("forward", "found"),
    [
        (lambda m, x: m.end(m.relu(m.one(x)).flatten(1)), ["input", "conv+relu", "conv"]),
        (lambda m, x: m.end(torch.flatten(F.relu(m.one(x)), 1)), ["input", "conv+relu", "conv"]),
        (lambda m, x: m.end(m.drop(m.norm(m.one(x))).flatten(1)), ["input", "conv", "norm+dropout", "conv"]),
        (
            lambda m, x: m.end(m.drop(m.norm(m.one(x)).relu()).flatten(1)),
            ["input", "conv", "norm+relu+dropout", "conv"],
        ),
        (lambda m, x: m.end(F.relu(m.one(x) + m.two(x)).flatten(1)), ["input", "conv", "conv", "add+relu", "conv"]),
        (lambda m, x: m.end(m.drop(m.one(x)).flatten(1)), ["input", "conv", "dropout", "conv"]),
        (lambda m, x: m.end(m.one(x).view(-1, 18)), ["input", "conv", "conv"]),
        (lambda m, x: m.end(m.one(x).view(x.size(0), -1)), ["input", "conv", "conv"]),
        (lambda m, x: m.end(m.one(x).reshape(x.shape[0], 18)), ["input", "conv", "conv"]),
        (lambda m, x: m.end(F.max_pool2d(m.one(x), 3, 1, 1).flatten(1)), ["input", "conv", "largest", "conv"]),
        (lambda m, x: m.end(m.own(m.one(x)).flatten(1)), ["input", "conv+relu", "conv"]),
        *[
            (lambda m, x, how=how: m.end(how(m.one(x)).flatten(1)), ["input", "conv", "activation", "conv"])
            for how in (F.gelu, F.silu, F.elu, F.relu6, F.hardswish, F.hardsigmoid, F.leaky_relu, torch.tanh)
        ],
        (lambda m, x: F.log_softmax(m.end(m.one(x).flatten(1)), dim=1), ["input", "conv", "conv"]),
        (lambda m, x: m.end(checked(m.one(x)).flatten(1)), ["input", "conv", "conv"]),
        (lambda m, x: m.end(m.empty(m.one(x)).flatten(1)), ["input", "conv", "conv"]),
    ],
    ids=[
        *("relu", "function", "dropout", "method", "sum", "dropout alone", "view", "size", "reshape", "pool", "own"),
        *(
            "gelu",
            "silu",
            "elu",
            "relu6",
            "hardswish",
            "hardsigmoid",
            "leaky",
            "tanh",
            "log_softmax",
            "assert",
            "empty",
        ),
    ],
)
def test_what_belongs_together_is_one_step(forward: Forward, found: list[str]) -> None:
    """A relu joins what makes its input, dropout joins a norm, flattening joins whatever comes before."""
    assert kinds(forward) == found


@pytest.mark.parametrize(
    ("forward", "said"),
    [
        (on_data, "control flow"),
        (lambda m, x: m.end((m.one(x) ** m.scale).flatten(1)), "scale"),
        (lambda m, x: m.end(torch.erf(m.one(x)).flatten(1)), "erf"),
        (lambda m, x: m.end((m.one(x) ** 1.7).flatten(1)), "pow"),
        (lambda m, x: m.end(m.one(x).view(-1, 9).view(-1, 18)), "view"),
        (lambda m, x: m.end(torch.cat([m.one(x), torch.rand(x.shape[0], 2, 3, 3)], 1).flatten(1)[:, :18]), "cat"),
        (lambda m, x: m.end(F.alpha_dropout(m.one(x), 0.5, m.training).flatten(1)), "dropout"),
        (lambda m, x: m.end(m.one(x).flatten(2)), ""),
        (lambda m, x: (m.end(m.one(x).flatten(1)), x), ""),
        (lambda m, x: m.end(m.end(x)), "mat1 and mat2"),
        (lambda m, x: m.end(F.log_softmax(m.one(x).flatten(1), 1)), "log_softmax"),
        (lambda m, x: m.end(F.log_softmax(m.one(x), 1).flatten(1)), "log_softmax"),
        (lambda m, x: F.log_softmax(m.end(m.one(x).flatten(1)), 0), "log_softmax"),
        (silent_failure, ""),
    ],
    ids=[
        "branch",
        "attribute",
        "function",
        "power",
        "rows",
        "cat",
        "masks",
        "flatten",
        "two",
        "shapes",
        "within",
        "planes",
        "images",
        "silent",
    ],
)
def test_a_model_that_cannot_be_taken_is_an_engine_error_of_one_line(forward: Forward, said: str) -> None:
    """Whatever a forward does, the error is ours and names the operation, so that `auto` goes on with eager."""
    with pytest.raises(EngineError) as caught:
        Network(Model(forward), SHAPE, 4)
    assert str(caught.value).startswith("the lanes engine ")
    assert "\n" not in str(caught.value)
    assert said in str(caught.value)


def test_tracing_leaves_the_model_as_it_was() -> None:
    """Neither its mode, nor its statistics, nor its dropout's next mask change."""
    model = Model(lambda m, x: m.end(m.drop(m.norm(m.one(x))).flatten(1))).train()
    before = {name: value.clone() for name, value in model.state_dict().items()}
    state = str(model.drop.rng.bit_generator.state)
    trace(model, SHAPE)
    assert model.training
    assert all(module.training for module in model.modules())
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())
    assert str(model.drop.rng.bit_generator.state) == state


UNSAFE: dict[str, str] = {
    "dropout on a flat plane": "m.end(m.drop(m.one(x).flatten(1)))",
    "relu on a flat mean": "m.end2(F.relu(m.pool(x).flatten(1)))",
    "sum of flat planes": "m.end(m.one(x).flatten(1) + m.two(x).flatten(1))",
    "linear on rows": "m.end2(m.rows(x).flatten(1))",
    "sum with a factor": "m.end(torch.add(m.one(x), m.two(x), alpha=2).flatten(1))",
    "relu in place, read elsewhere": "(lambda h: m.end((m.relu(h) + h).flatten(1)))(m.one(x))",
    "maximum and mean by functions": "m.end(F.avg_pool2d(F.max_pool2d(m.one(x), 3, 1, 1), 1).flatten(1))",
    "one dropout twice": "m.end(m.drop(m.drop(m.one(x))).flatten(1))",
}
"""Forwards that look covered."""
SCRIPT = """
import copy, os, sys
import numpy as np
import torch
from torch import nn
from torch.nn import functional as F
from normlab.errors import EngineError
from normlab.training.dropout import PairedDropout
from normlab.training.lanes.network import Network

class Model(nn.Module):
    def __init__(self, text):
        super().__init__()
        self.how = eval("lambda m, x: " + text)
        self.one, self.two, self.end = nn.Conv2d(1, 2, 3), nn.Conv2d(1, 2, 3), nn.Linear(18, 3)
        self.relu, self.drop, self.pool, self.end2 = nn.ReLU(True), PairedDropout(0.5), nn.AvgPool2d(2), nn.Linear(4, 3)
        self.rows = nn.Linear(5, 4)
    def forward(self, x):
        return self.how(self, x)

def outcome(text):
    torch.manual_seed(0)
    model = Model(text)
    reference = copy.deepcopy(model).double()
    shape, rng = (1, 1, 5) if "rows" in text else (1, 5, 5), np.random.default_rng(0)
    x, y = rng.standard_normal((20, *shape)).astype("f"), rng.integers(0, 3, 20)
    wanted = F.cross_entropy(reference(torch.from_numpy(x).double()), torch.from_numpy(y))
    torch.autograd.backward(wanted)
    try:
        network = Network(model, shape, 20)
    except EngineError as error:
        return f"refused: {error}"
    network.learn(x, y)
    pairs = [(a.grad, b.grad) for a, b in zip(model.parameters(), reference.parameters()) if b.grad is not None]
    off = sum((a.double() - b).norm() for a, b in pairs) / sum(b.norm() for _, b in pairs)
    return "right" if off < 1e-4 else f"wrong by {off:.1e}"

torch.set_num_threads(1)
for text in sys.argv[1:]:
    sys.stdout.flush()
    child = os.fork()
    if not child:
        print(outcome(text), flush=True)
        os._exit(0)
    if os.waitpid(child, 0)[1]:
        print("crashed")
"""


@pytest.fixture(scope="module")
def outcomes() -> dict[str, str]:
    """What became of each forward, computed in processes of their own, since a wrong address ends one."""
    if not hasattr(os, "fork"):
        pytest.skip("needs POSIX processes")
    ran = subprocess.run([sys.executable, "-c", SCRIPT, *UNSAFE.values()], capture_output=True, text=True, check=True)
    return dict(zip(UNSAFE, ran.stdout.splitlines(), strict=True))


@pytest.mark.parametrize("name", UNSAFE)
@pytest.mark.slow  # a second or more
def test_a_forward_is_refused_or_computed_rightly(outcomes: dict[str, str], name: str) -> None:
    """Nothing in between: a wrong gradient would be a wrong study, a wrong address would end the process."""
    assert outcomes[name] == "right" or outcomes[name].startswith("refused: the lanes engine ")
