from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

import pytest
import torch
from recipes import recipe
from torch import nn

from normlab.data.split import Split
from normlab.models.registry import MODELS
from normlab.norms import NormFactory, Slot
from normlab.records import Job
from normlab.spec import Penalty
from normlab.training import EngineChoice, choose
from normlab.training.eager import Eager, EagerStepper
from normlab.training.heat import CLEAR, Retired
from normlab.training.lanes import cache_folder
from normlab.training.lanes.engine import Lanes
from normlab.training.lanes.stepper import LanesStepper
from normlab.training.prior import surely_lanes
from normlab.training.race import BUDGET, race
from normlab.training.raced import raced

pytestmark = pytest.mark.slow  # races compile

SHAPE = (1, 28, 28)


def wide(norm: NormFactory, dropout: float = 0.0, **_: object) -> nn.Module:
    """A convolution of 256 channels: for a single image lanes computes as long as for four, eight or sixteen."""
    front = [nn.Conv2d(1, 256, 5, stride=2), norm(Slot("norm", 256, (12, 12), 2)), nn.ReLU(), nn.Conv2d(256, 256, 3)]
    return nn.Sequential(*front, nn.Dropout(dropout), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(256, 10))


@pytest.fixture(autouse=True)
def _a_wide_model(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(MODELS, "wide", wide)


def job(norm: str = "gn", penalty: Penalty | None = None, **fields: object) -> Job:
    """By default one that lanes is several times as fast at, and that is raced on for its batches are small."""
    return Job(recipe(norm, penalty, **{"model": "lean", "batch_size": 8, **fields}), 0, engine="auto")


def raced_on(*jobs: Job, images: int) -> dict[str, float]:
    """`images` is a part of what a race is known by: each test has races of its own."""
    return raced([Eager(), Lanes()], jobs, SHAPE, images)


@pytest.mark.long
def test_the_faster_engine_wins_and_by_how_much_is_said() -> None:
    """Of two networks, one for each."""
    narrow = choose([job()], SHAPE, images=1001)
    assert narrow.engine == "lanes"
    assert narrow.why.endswith(" × eager on lean (raced)")
    assert float(narrow.why.split()[0]) > CLEAR
    broad = choose([job(model="wide", batch_size=1)], SHAPE, images=1001)
    assert (broad.engine, broad.why.split(" ", 1)[1]) == ("eager", "× lanes on wide (raced)")
    assert float(broad.why.split()[0]) > CLEAR


@pytest.mark.long
def test_all_arms_get_the_engine_that_takes_less_time_for_all_of_them() -> None:
    """An arm whose steps cost little is trained by what is slower for it: one study, one engine."""
    small, large = job(epochs=1), job(model="wide", batch_size=1, epochs=100)
    chosen = choose([small, large], SHAPE, images=1002)
    assert (chosen.engine, chosen.why.split(" ", 1)[1]) == ("eager", "× lanes on lean and wide (raced)")
    assert choose([small], SHAPE, images=1002).engine == "lanes"


@pytest.mark.long
def test_a_race_is_held_once() -> None:
    """The next start has its very figures, unless nothing is kept."""
    first = raced_on(job(), images=1003)
    assert raced_on(job(), images=1003) == first
    assert raced_on(job(batch_size=4), images=1003) != first
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(cache_folder.VARIABLE, "")
        assert raced_on(job(), images=1003) != first


def test_how_far_weights_move_is_no_reason_for_another_race() -> None:
    """Arms of several λ and learning rates have as long steps, and are raced on together."""
    penalties = [Penalty(lam=lam) for lam in (1e-4, 1e-3)]
    one = raced_on(job("gn", penalties[0]), images=1004)
    assert raced_on(job("gn", penalties[1], optimizer={"lr": 0.5}), images=1004) == one


@pytest.mark.parametrize(
    ("failed", "stepper", "other", "images"),
    [("lanes", LanesStepper, "eager", 1005), ("eager", EagerStepper, "lanes", 1006)],
)
def test_where_one_engine_fails_the_other_trains(
    monkeypatch: pytest.MonkeyPatch, failed: str, stepper: Any, other: str, images: int
) -> None:
    """Why is said, and a race without a winner is not kept."""

    def full(*_: object) -> None:
        raise MemoryError("no room\nfor it")

    with monkeypatch.context() as patch:
        patch.setattr(stepper, "step", full)
        why = f"the {failed} engine failed on gn · seed 0: MemoryError: no room"
        assert choose([job()], SHAPE, images=images) == EngineChoice(other, why)
    assert choose([job()], SHAPE, images=images).why.endswith("(raced)")


def test_an_engine_that_cannot_begin_is_out_as_well() -> None:
    """Not its steps alone are watched."""

    class Broken(Eager):
        def stepper(self, jobs: Sequence[Job], images: Split) -> EagerStepper:
            raise RuntimeError(len(jobs), images.mean)

    with pytest.raises(Retired, match="the eager engine failed on gn · seed 0: RuntimeError"):
        race([Broken(), Lanes()], [job()], SHAPE, 0)


@pytest.mark.long
def test_huge_batches_do_not_make_a_race_long() -> None:
    """Fewer images are taken: all of it takes less time than a single step on the whole batch would."""
    images = 60_000
    start = time.process_time()
    found = race([Eager(), Lanes()], [job(model="wide", batch_size=images)], SHAPE, images)
    epochs = recipe("gn", model="wide").epochs
    assert time.process_time() - start < min(found.values()) / epochs


@pytest.mark.long
def test_many_networks_do_not_make_a_race_long() -> None:
    """When its time is over the others are not tried; one of each model comes before a second of any."""
    tried: list[str] = []

    class Slow(Eager):
        def stepper(self, jobs: Sequence[Job], images: Split) -> EagerStepper:
            tried.append(f"{jobs[0].recipe.model} {jobs[0].recipe.norm}")
            end = time.process_time() + BUDGET / 4
            while time.process_time() < end:
                pass
            return super().stepper(jobs, images)

    many = [job(norm) for norm in ("gn", "bn", "ln", "in", "rms", "none")]
    race([Eager(), Lanes()], many[:1], SHAPE, 0)  # compiles
    race([Slow(), Lanes()], [*many, job(model="wide", batch_size=1)], SHAPE, 0)
    assert tried[:2] == ["lean gn", "wide gn"]
    assert len(tried) < len(many)


def test_a_race_leaves_no_trace() -> None:
    """Torch's random state and threads are as they were."""
    state, threads = torch.get_rng_state(), torch.get_num_threads()
    race([Eager(), Lanes()], [job(dropout=0.1)], SHAPE, 0)
    assert torch.equal(state, torch.get_rng_state())
    assert threads == torch.get_num_threads()


@pytest.mark.parametrize(
    ("fields", "surely"),
    [
        ({"batch_size": 16}, True),
        ({"batch_size": 15}, False),
        ({"batch_size": 128, "train_images": 15}, False),
        ({"batch_size": 128, "model": "course"}, True),
        ({"batch_size": 128, "model": "wide"}, False),
        ({"batch_size": 128, "model": "mlp"}, False),
        ({"batch_size": 128, "model": "resnet8"}, False),
    ],
)
def test_nobody_races_on_networks_that_lanes_is_known_to_win(fields: dict[str, Any], surely: bool) -> None:
    """Narrow and small ones, in batches that fill the lanes; every arm has to be one."""
    assert surely_lanes([job(**fields)], 60_000) is surely
    assert surely_lanes([job(batch_size=128), job(**fields)], 60_000) is surely
    if surely:
        assert choose([job(**fields)], SHAPE, images=60_000) == EngineChoice("lanes")


@pytest.mark.parametrize("engine", ["eager", "lanes"])
def test_a_study_that_was_begun_is_not_raced_on_again(engine: str) -> None:
    """Somebody else may be at it on another machine, where a race could end differently."""
    assert choose([job()], SHAPE, images=1007, begun=engine) == EngineChoice(engine, "the study was begun with it")
    assert choose([job(batch_size=128)], SHAPE, images=1007, begun="eager") == EngineChoice("lanes"), "nothing is raced"
