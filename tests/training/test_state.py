"""A run that was stopped between two steps goes on in another stepper, bit for bit."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product
from typing import Any

import numpy as np
import pytest
import torch
from recipes import recipe as resolved
from safetensors.numpy import load, save
from torch import nn

from normlab.data import Dataset
from normlab.data.batches import Batch, Batches
from normlab.data.split import Split, split
from normlab.models.registry import MODELS
from normlab.norms import NormFactory, Slot
from normlab.penalties import penalty as penalty_called
from normlab.records import Job
from normlab.spec import Penalty
from normlab.training.engine import State, Stepper
from normlab.training.engines import ENGINES

STEPS = 3
"""Before the state is taken, and after it."""
OPTIMIZERS: dict[str, dict[str, Any]] = {
    "sgd": {"kind": "sgd", "lr": 0.05, "momentum": 0.9, "weight_decay": 1e-3},
    "nesterov": {"kind": "sgd", "lr": 0.05, "momentum": 0.9, "nesterov": True},
    "adamw": {"kind": "adamw", "lr": 1e-2, "weight_decay": 1e-2},
}
PENALTIES: dict[str, Penalty | None] = {
    "none": None,
    "subgrad": Penalty(kind="subgrad", lam=1e-3),
    "prox": Penalty(kind="prox", lam=2e-2),
    "spred": Penalty(kind="spred", lam=1e-2),
    "group": Penalty(kind="group", lam=2e-2),
    "gamma": Penalty(kind="gamma", lam=0.5),
    "l2": Penalty(kind="l2", lam=1e-2),
    "elastic": Penalty(kind="elastic", lam=2e-2, mix=0.7),
}
NOT_COVERED = {("lanes", "adamw", "group")}


def small(norm: NormFactory, dropout: float = 0.0, **_: object) -> nn.Module:
    """A convolution on several channels, a norm, dropout and a linear layer: everything that a state is made of."""
    return nn.Sequential(
        *(nn.Conv2d(1, 6, 5, stride=2), norm(Slot("norm", 6, (12, 12), 2)), nn.ReLU(), nn.Dropout(dropout)),
        *(nn.Conv2d(6, 8, 3, stride=2), nn.ReLU(), nn.Flatten(), nn.Linear(200, 10)),
    )


@pytest.fixture(autouse=True)
def _small_and_quick(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setitem(MODELS, "small", small)
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    with torch.random.fork_rng(devices=[]):
        yield
    torch.set_num_threads(before)


def job(engine: str, optimizer: str = "nesterov", penalty: str = "none", norm: str = "bn", **recipe: object) -> Job:
    settings = {
        "preset": "lean",
        "model": "small",
        "dropout": 0.2,
        "batch_size": 50,
        "optimizer": OPTIMIZERS[optimizer],
    }
    return Job(resolved(norm, PENALTIES[penalty], **settings | recipe), 0, engine=engine)


def begun(job: Job, images: Split) -> Stepper:
    stepper = ENGINES[job.engine]().stepper([job], images)
    stepper.begin(1)
    return stepper


def steps(stepper: Stepper, batches: Sequence[Batch]) -> list[list[float]]:
    """What each of the steps gives."""
    return [stepper.step([batch], 0.02 + 0.01 * i).squeeze(0).tolist() for i, batch in enumerate(batches)]


def elsewhere(job: Job, images: Split, state: State) -> Stepper:
    """Another stepper that goes on from a state which has been through a file."""
    stepper = begun(job, images)
    torch.manual_seed(99)  # it may have drawn anything before
    stepper.load(load(save(dict(state))))
    return stepper


def assert_same(first: State, second: State) -> None:
    assert first.keys() == second.keys()
    for name, value in first.items():
        assert (value.dtype, value.shape) == (second[name].dtype, second[name].shape), name
        assert value.tobytes() == second[name].tobytes(), name


@pytest.mark.parametrize(
    ("engine", "optimizer", "penalty"),
    [case for case in product(ENGINES, OPTIMIZERS, PENALTIES) if case not in NOT_COVERED],
)
@pytest.mark.slow
def test_a_run_goes_on_elsewhere_bit_for_bit(engine: str, optimizer: str, penalty: str, few: Dataset) -> None:
    """Three steps, a state, three more: as in the stepper that was not interrupted, also across an epoch's end."""
    one = job(engine, optimizer, penalty)
    images = split(few, one.recipe, 0)
    before, after, later = np.array_split(np.array(list(Batches(images, one.recipe, 0).epoch(0, 1)), object)[:9], 3)
    whole = begun(one, images)
    steps(whole, before)
    rest = elsewhere(one, images, whole.state())
    for stepper in (whole, rest):
        stepper.judge()
    assert steps(rest, after) == steps(whole, after)
    for stepper in (whole, rest):
        stepper.begin(2)
    assert steps(rest, later) == steps(whole, later)
    assert_same(rest.state(), whole.state())
    assert_kept_alike(rest, whole)


def assert_kept_alike(first: Stepper, second: Stepper) -> None:
    """The judgement, and the network that would be kept."""
    judged, wanted = first.judge()[0], second.judge()[0]
    assert judged.probabilities.tobytes() == wanted.probabilities.tobytes()
    for stepper in (first, second):
        stepper.finish()
    kept, whole = first.models[0].state_dict(), second.models[0].state_dict()
    assert all(torch.equal(kept[name], value) for name, value in whole.items())


@pytest.mark.parametrize("norm", ["gbn:20", "brn:2", "frn", "dyt", "evonorm-s0", "ws+gn:2"])
@pytest.mark.parametrize("penalty", ["none", "spred"])
@pytest.mark.slow
def test_every_norm_goes_on_elsewhere(norm: str, penalty: str, few: Dataset) -> None:
    """What a norm learns beside γ and β, what it remembers, and how far its schedule is."""
    one = job("eager", "adamw", penalty, norm)
    images = split(few, one.recipe, 0)
    batches = list(Batches(images, one.recipe, 0).epoch(0, 1))
    whole = begun(one, images)
    steps(whole, batches[:STEPS])
    rest = elsewhere(one, images, whole.state())
    assert steps(rest, batches[STEPS : 2 * STEPS]) == steps(whole, batches[STEPS : 2 * STEPS])
    assert_same(rest.state(), whole.state())
    assert_kept_alike(rest, whole)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("norm", ["bn", "ln-c", "none"])
@pytest.mark.slow
def test_a_run_that_has_made_no_step_has_a_state_too(engine: str, norm: str, few: Dataset) -> None:
    """An optimizer that remembers nothing yet is a state like another."""
    one = job(engine, norm=norm)
    images = split(few, one.recipe, 0)
    batches = list(Batches(images, one.recipe, 0).epoch(0, 1))[:STEPS]
    whole = begun(one, images)
    rest = elsewhere(one, images, whole.state())
    assert steps(rest, batches) == steps(whole, batches)
    assert_same(rest.state(), whole.state())


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.slow
def test_a_state_is_a_copy(engine: str, few: Dataset) -> None:
    """Steps made after it was taken do not reach it."""
    one = job(engine, penalty="prox")
    images = split(few, one.recipe, 0)
    batches = list(Batches(images, one.recipe, 0).epoch(0, 1))[:STEPS]
    stepper = begun(one, images)
    steps(stepper, batches)
    state = stepper.state()
    bytes_then = {name: value.tobytes() for name, value in state.items()}
    steps(stepper, batches)
    assert {name: value.tobytes() for name, value in state.items()} == bytes_then


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.slow
def test_nothing_of_a_state_can_be_left_out(engine: str, few: Dataset) -> None:
    """Each part that is kept apart changes what follows: nothing is in it for nothing."""
    one = job(engine, "adamw", "prox")
    images = split(few, one.recipe, 0)
    batches = list(Batches(images, one.recipe, 0).epoch(0, 1))[: 2 * STEPS]
    whole = begun(one, images)
    steps(whole, batches[:STEPS])
    state = whole.state()
    fresh = begun(one, images).state()
    wanted = steps(whole, batches[STEPS:])
    parts = {name.partition(".")[0] for name in state} - {"torch"}
    for part in parts:
        lacking = {name: value for name, value in state.items() if name.partition(".")[0] != part}
        rest = elsewhere(one, images, lacking | {n: v for n, v in fresh.items() if n.partition(".")[0] == part})
        assert steps(rest, batches[STEPS:]) != wanted, part
    assert parts >= {"model", "dropout"}


def chancy(norm: NormFactory, dropout: float = 0.0, **_: object) -> nn.Module:  # noqa: ARG001 - models are called so
    """A model that draws from torch's own generator."""

    class Noise(nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return x * (torch.rand_like(x) >= dropout) if self.training else x

    return nn.Sequential(nn.Flatten(), Noise(), nn.Linear(784, 10))


def test_what_a_model_draws_itself_goes_on_too(few: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    """The eager engine's state holds torch's generator."""
    monkeypatch.setitem(MODELS, "small", chancy)
    one = job("eager")
    images = split(few, one.recipe, 0)
    batches = list(Batches(images, one.recipe, 0).epoch(0, 1))[: 2 * STEPS]
    whole = begun(one, images)
    steps(whole, batches[:STEPS])
    state = whole.state()
    wanted = steps(whole, batches[STEPS:])
    assert steps(elsewhere(one, images, state), batches[STEPS:]) == wanted


@pytest.mark.parametrize("kind", ["prox", "elastic", "group", "gamma"])
def test_the_zeros_of_a_penalty_hold_on_in_anyones_loop(kind: str) -> None:
    """A penalty's own state, after its model's: mean gradients and their number, as before."""
    torch.manual_seed(0)
    models = [nn.Sequential(nn.Linear(5, 4), nn.LayerNorm(4)) for _ in range(2)]
    first, second = (penalty_called(kind, 0.3).attach(model) for model in models)
    x = torch.randn(16, 5)

    def step(model: nn.Module, term: Any, optimizer: torch.optim.Optimizer) -> None:
        optimizer.zero_grad()
        torch.autograd.backward(model(x).square().mean() + term.loss(model))
        optimizer.step()
        term.step(optimizer)

    optimizers = [torch.optim.SGD(model.parameters(), lr=0.1) for model in models]
    for term, optimizer in zip((first, second), optimizers, strict=True):
        term.watch(optimizer)
    for _ in range(4):
        step(models[0], first, optimizers[0])
    models[1].load_state_dict(models[0].state_dict())
    second.load(first.state())
    for model, term, optimizer in zip(models, (first, second), optimizers, strict=True):
        for _ in range(4):
            step(model, term, optimizer)
    assert all(torch.equal(a, b) for a, b in zip(models[0].parameters(), models[1].parameters(), strict=True))
