"""A run that is cut goes on from its last checkpoint, and ends as if nothing had happened."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from recipes import recipe as resolved

from normlab import training
from normlab.data import Dataset
from normlab.events import BatchDone, EpochDone, Event
from normlab.records import Checkpoint, Job, RunRecord
from normlab.spec import Penalty
from normlab.store import Checkpoints
from normlab.training.memory import Pace

pytestmark = pytest.mark.slow  # runs are cut and go on

EPOCHS = 3
CASES: list[tuple[str, str, dict[str, Any]]] = [
    ("lanes", "bn", {}),
    ("lanes", "gn:2", {"penalty": Penalty(kind="prox", lam=1e-4)}),
    ("lanes", "bn", {"l1": 1e-4}),
    ("eager", "bn", {}),
    ("eager", "brn", {"dropout": 0.3}),
    ("eager", "bn", {"penalty": Penalty(kind="spred", lam=1e-4)}),
    (
        "eager",
        "ln",
        {"penalty": Penalty(kind="elastic", lam=1e-3, mix=0.7), "optimizer": {"kind": "adamw", "lr": 1e-3}},
    ),
]


PLAIN: list[tuple[str, dict[str, Any]]] = [
    ("bn", {}),
    ("gn:2", {"penalty": Penalty(kind="prox", lam=1e-4)}),
    ("brn", {"dropout": 0.3}),
    ("bn", {"penalty": Penalty(kind="spred", lam=1e-4)}),
    ("ln", {"penalty": Penalty(kind="elastic", lam=1e-3, mix=0.7), "optimizer": {"kind": "adamw", "lr": 1e-3}}),
]


class Cut(Exception):
    """The process is gone."""


class Cutting:
    """Saves after every batch, and is cut after so many."""

    def __init__(self, project: Path, after: int) -> None:
        self.checkpoints, self.left = Checkpoints(project), after

    def recall(self, job: Job) -> Checkpoint | None:
        """See `Memory.recall`."""
        return self.checkpoints.recall(job)

    def save(self, job: Job, checkpoint: Checkpoint) -> None:
        """See `Memory.save`."""
        self.left -= 1
        if self.left < 0:
            raise Cut
        self.checkpoints.save(job, checkpoint)

    def asked(self) -> bool:
        """See `Memory.asked`."""
        return True


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """As in a worker."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def job(engine: str, norm: str, **recipe: Any) -> Job:
    settings = {"preset": "lean", "epochs": EPOCHS, "batch_size": 50, "train_images": 300, **recipe}
    return Job(resolved(norm, **settings), 0, engine=engine)


def same(one: RunRecord, other: RunRecord) -> None:
    """To the bit, but for the time that it took."""
    assert [replace(epoch, seconds=0) for epoch in one.epochs] == [replace(epoch, seconds=0) for epoch in other.epochs]
    assert (one.sizes, one.flow, one.diverged_at) == (other.sizes, other.flow, other.diverged_at)
    assert one.probabilities.tobytes() == other.probabilities.tobytes()
    assert {name: value.tobytes() for name, value in one.weights.items()} == {
        name: value.tobytes() for name, value in other.weights.items()
    }


def again_and_again(one: Job, data: Dataset, project: Path, heard: list[object]) -> RunRecord:
    """Cut after four checkpoints, each time that it goes on."""
    while True:
        with suppress(Cut):
            return training.train(one, data, heard.append, memory=Cutting(project, 4))


@pytest.mark.parametrize(("engine", "norm", "recipe"), CASES)
@pytest.mark.long
def test_a_run_cut_again_and_again_ends_to_the_bit_as_an_uncut_one(
    engine: str, norm: str, recipe: dict[str, Any], few: Dataset, tmp_path: Path
) -> None:
    """Within epochs and between them, and no epoch is finished twice."""
    heard: list[object] = []
    whole = training.train(job(engine, norm, **recipe), few)
    same(whole, again_and_again(job(engine, norm, **recipe), few, tmp_path, heard))
    assert [event.epoch.epoch for event in heard if isinstance(event, EpochDone)] == [*range(1, EPOCHS + 1)]


class InEachEpoch:
    """Is told what happens, and cuts the run once in each epoch."""

    def __init__(self) -> None:
        self.cut: list[int] = []
        self.finished: list[int] = []

    def __call__(self, event: Event) -> None:
        """Hear it."""
        if isinstance(event, EpochDone):
            self.finished.append(event.epoch.epoch)
        if isinstance(event, BatchDone) and event.batch == 3 and event.epoch not in self.cut:
            self.cut.append(event.epoch)
            raise Cut


@pytest.mark.parametrize(("norm", "recipe"), PLAIN)
@pytest.mark.long
def test_the_plain_loop_goes_on_behind_its_last_whole_epoch(
    norm: str, recipe: dict[str, Any], few: Dataset, tmp_path: Path
) -> None:
    """Cut within each epoch, it ends to the bit as an uncut one, and finishes none twice."""
    one, heard = job("reference", norm, **recipe), InEachEpoch()
    found = None
    while found is None:
        with suppress(Cut):
            found = training.train(one, few, heard, memory=Cutting(tmp_path, 100))
    same(training.train(one, few), found)
    assert heard.cut == heard.finished == [*range(1, EPOCHS + 1)]


def first_epoch(one: Job, data: Dataset, project: Path) -> int:
    """In which it goes on."""
    heard: list[object] = []
    training.train(one, data, heard.append, memory=Cutting(project, 100))
    return next(event.epoch for event in heard if isinstance(event, BatchDone))


@pytest.mark.parametrize(("engine", "after"), [("eager", 8), ("reference", 1)])
@pytest.mark.long
def test_a_checkpoint_of_another_environment_is_not_used(
    engine: str, after: int, few: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another version of PyTorch rounds otherwise, and the run would be neither's."""
    one = job(engine, "gn:2")
    with pytest.raises(Cut):
        training.train(one, few, memory=Cutting(tmp_path, after))
    with monkeypatch.context() as patch:
        patch.setattr(torch, "__version__", "1.0")
        assert first_epoch(one, few, tmp_path) == 1


def test_a_damaged_checkpoint_is_none(few: Dataset, tmp_path: Path) -> None:
    """The run begins anew, whichever byte was changed."""
    one = job("eager", "gn:2")
    with pytest.raises(Cut):
        training.train(one, few, memory=Cutting(tmp_path, 8))
    (path,) = tmp_path.rglob("*.checkpoint")
    sound = path.read_bytes()
    for place in (0, 70, 2000, len(sound) - 1):
        path.write_bytes(sound[:place] + bytes([sound[place] ^ 1]) + sound[place + 1 :])
        assert Checkpoints(tmp_path).recall(one) is None
    path.write_bytes(sound)
    assert Checkpoints(tmp_path).recall(one) is not None


def test_a_checkpoint_is_due_after_an_epoch_and_within_a_long_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """At most a fiftieth of the time goes into them."""
    now = 100.0
    monkeypatch.setattr(time, "monotonic", lambda: now)
    pace = Pace()
    assert not pace.due(over=True)
    now += 2.0
    assert pace.due(over=True)
    assert not pace.due(over=False)
    now += 29.0
    assert pace.due(over=False)
    pace.saved(now - 1.0)
    now += 49.0
    assert not pace.due(over=True)
    now += 2.0
    assert pace.due(over=True)
    assert pace.due(over=False)
