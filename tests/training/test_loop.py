from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
import torch
from recipes import recipe as resolved
from torch import nn

from normlab import training
from normlab.data import Dataset
from normlab.data.batches import Batch
from normlab.data.split import Split
from normlab.errors import DeviceError, UnknownName
from normlab.events import BatchDone, EpochDone, Event
from normlab.models import build
from normlab.models.registry import MODELS
from normlab.records import Job, RunRecord
from normlab.training import loop
from normlab.training.eager import Eager, EagerStepper
from normlab.training.engine import Refusal
from normlab.training.evaluate import Judgement

pytestmark = [pytest.mark.slow, pytest.mark.training]  # networks are trained

BOTH = pytest.mark.parametrize("engine", ["eager", "reference"])


def job(norm: str = "bn", engine: str = "eager", l1: float = 0.0, seed: int = 0, **recipe: object) -> Job:
    settings = {"preset": "course", "epochs": 2, **recipe}
    return Job(resolved(norm, l1=l1, **settings), seed, 0, "cpu", engine)


def losses(record: RunRecord) -> list[float]:
    return [value for epoch in record.epochs for value in (epoch.train_loss, epoch.judged_loss)]


def test_the_same_run_gives_the_same_bits(few: Dataset) -> None:
    """One build, one device, one thread count: training again changes nothing."""
    first, second = (training.train(job(), few) for _ in range(2))
    assert first.probabilities.tobytes() == second.probabilities.tobytes()
    assert losses(first) == losses(second)


@BOTH
@pytest.mark.long
def test_training_leaves_torchs_random_state_alone(few: Dataset, engine: str) -> None:
    """A library that reseeds its user's generator is a fault; ours gives it back as it was."""
    before = torch.random.get_rng_state()
    training.train(job("gn", engine, epochs=1), few)
    assert torch.equal(before, torch.random.get_rng_state())


@BOTH
@pytest.mark.long
def test_a_record_counts_what_happened(few: Dataset, engine: str) -> None:
    """Counts, sizes and weights of the record are those of the run."""
    record = training.train(job("bn", engine), few)
    assert (record.job.recipe.norm, record.seed, record.parameters, len(record.epochs)) == ("bn", 0, 9802, 2)
    assert all(e.train_images == 1024 and e.judged_images == 500 for e in record.epochs)
    assert record.probabilities.shape == (500, 10)
    assert np.allclose(record.probabilities.sum(1), 1, atol=1e-5)
    assert record.weights["conv1.weight"].shape == (10, 1, 3, 3)
    assert [(size.epoch, size.kernel) for size in record.sizes[:2]] == [(1, "conv1.weight"), (1, "conv2.weight")]
    assert {size.epoch for size in record.sizes} == {1, 2}
    assert record.environment.engine == engine
    assert record.environment.data == few.digest


@pytest.mark.long
def test_data_loss_and_penalty_are_logged_apart(few: Dataset) -> None:
    """λ·Σ|p| is λ times what Σ|p| says, and the data loss does not contain it."""
    plain, penalised = training.train(job(), few), training.train(job(l1=1e-4), few)
    assert plain.epochs[0].penalty == 0
    assert penalised.epochs[0].penalty == pytest.approx(1e-4 * penalised.epochs[0].abs_sum, rel=0.05)
    assert penalised.epochs[0].train_loss == pytest.approx(plain.epochs[0].train_loss, rel=0.05)
    assert penalised.final.abs_sum < plain_abs_sum(plain)


def plain_abs_sum(record: RunRecord) -> float:
    parameters = (v for k, v in record.weights.items() if "running" not in k and "num_batches" not in k)
    return sum(float(np.abs(v).sum()) for v in parameters)


def test_the_sum_of_parameters_is_the_courses_600(few: Dataset) -> None:
    """Σ|p| over all parameters is about 600 early in training, as the course reports."""
    record = training.train(job(l1=1e-4, epochs=1), few)
    assert 500 < record.final.abs_sum < 700


@BOTH
@pytest.mark.long
def test_a_loss_that_is_no_number_ends_the_run_at_its_epoch(few: Dataset, engine: str) -> None:
    """A learning rate that explodes gives a record that says so, not an exception and not a NaN."""
    record = training.train(job("none", engine, optimizer={"lr": 1e6}), few)
    assert record.diverged_at == 1
    assert record.epochs == ()
    assert record.probabilities.size == 0


class Breaking(nn.Module):
    """A linear layer that gives no numbers from its 12th training batch on."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Linear(784, 10)
        self.batches = 0

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(N, 1, 28, 28) to (N, 10)."""
        self.batches += self.training
        made: torch.Tensor = self.layer(x.flatten(1))
        return made * float("nan") if self.batches >= 12 else made


@BOTH
def test_what_a_diverged_run_leaves_is_of_before_it_diverged(
    few: Dataset, engine: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Epochs and kernel sizes end with the last finished epoch, as if there had been no other."""
    monkeypatch.setitem(MODELS, "breaking", lambda *_, **__: Breaking())
    short, whole = (training.train(job("none", engine, model="breaking", epochs=count), few) for count in (1, 3))
    assert whole.diverged_at == 2
    assert len(whole.epochs) == 1
    assert (short.diverged_at, losses(short)) == (None, losses(whole))
    assert whole.sizes == short.sizes


@BOTH
@pytest.mark.long
def test_batches_and_epochs_are_told_in_order(few: Dataset, engine: str) -> None:
    """Progress counts up to the last batch, then the epoch is told; what it says is what the record has."""
    told: list[Event] = []
    record = training.train(job("bn", engine), few, told.append)
    epochs = [event.epoch for event in told if isinstance(event, EpochDone)]
    batches = [event for event in told if isinstance(event, BatchDone)]
    assert tuple(epochs) == record.epochs
    assert (batches[-1].batch, batches[-1].batches, batches[-1].images) == (8, 8, 1024)
    assert math.isclose(batches[-1].loss, record.final.train_loss)
    assert batches[-1].correct == record.final.train_correct
    assert isinstance(told[-1], EpochDone)


def test_held_out_images_take_the_place_of_the_test_set(few: Dataset) -> None:
    """With a hold-out, training has fewer images and judges the held-out ones."""
    record = training.train(job(epochs=1, holdout=200), few)
    assert (record.final.train_images, record.final.judged_images) == (824, 200)


@pytest.mark.long
def test_adamw_trains_too(few: Dataset) -> None:
    """The other optimizer lowers the loss as well."""
    record = training.train(job(optimizer={"kind": "adamw", "lr": 1e-3, "weight_decay": 1e-4}), few)
    assert record.epochs[1].train_loss < record.epochs[0].train_loss


def test_a_device_that_is_not_there_is_named(few: Dataset) -> None:
    """Asking for an accelerator that this machine lacks says what it has instead."""
    if torch.cuda.is_available():
        pytest.skip("this machine has CUDA")
    with pytest.raises(DeviceError, match="use one of cpu"):
        training.train(Job(job().recipe, 0, 0, "cuda"), few)


def test_an_unknown_engine_is_named(few: Dataset) -> None:
    """An engine that is not there is an error that lists those that are."""
    with pytest.raises(UnknownName, match="eager, lanes, reference"):
        training.train(job(engine="warp"), few)


def test_one_image_is_enough_to_train_on(few: Dataset) -> None:
    """The smallest data set, in the smallest batch, works with every kind of norm."""
    one = replace(few, train_images=few.train_images[:1], train_labels=few.train_labels[:1])
    for norm in ("bn", "ln", "gn", "in"):
        assert training.train(job(norm, epochs=1), one).final.train_images == 1


class SideBySide:
    """An engine of two runs in one program, each on a stepper of `eager`."""

    name, width = "side by side", 2

    def covers(self, job: Job, shape: tuple[int, int, int], images: int = 0) -> Refusal | None:
        """See `Engine.covers`."""
        return Eager().covers(job, shape, images)

    def stepper(self, jobs: Sequence[Job], images: Split) -> Pair:
        """See `Engine.stepper`."""
        return Pair([EagerStepper(one, images) for one in jobs])


class Pair:
    """Several steppers as one, as far as a loop asks."""

    def __init__(self, steppers: Sequence[EagerStepper]) -> None:
        self.steppers = steppers
        self.models = [stepper.model for stepper in steppers]

    def begin(self, epoch: int) -> None:
        """See `Stepper.begin`."""
        for stepper in self.steppers:
            stepper.begin(epoch)

    def step(self, batches: Sequence[Batch], learning_rate: float) -> torch.Tensor:
        """See `Stepper.step`."""
        rows = [s.step([batch], learning_rate) for s, batch in zip(self.steppers, batches, strict=True)]
        return torch.cat(rows)

    def judge(self) -> Sequence[Judgement]:
        """See `Stepper.judge`."""
        return [judged for stepper in self.steppers for judged in stepper.judge()]

    def finish(self) -> None:
        """See `Stepper.finish`."""
        for stepper in self.steppers:
            stepper.finish()


@pytest.mark.long
def test_runs_side_by_side_leave_what_each_leaves_alone(few: Dataset) -> None:
    """Each has its own order, sums, epochs and weights, to the last bit, and its events carry its name."""
    told: list[Event] = []
    jobs = [job("bn", seed=seed, train_images=300) for seed in (0, 1)]
    records = loop.train(SideBySide(), jobs, few, told.append)
    for one, record in zip(jobs, records, strict=True):
        alone = training.train(one, few)
        assert losses(record) == losses(alone)
        assert record.probabilities.tobytes() == alone.probabilities.tobytes()
        assert record.sizes == alone.sizes
        assert (record.seed, record.final.train_correct) == (one.seed, alone.final.train_correct)
        assert [e.epoch for e in told if isinstance(e, EpochDone) and e.run == one.name] == list(record.epochs)
    assert {event.run for event in told} == {"bn · seed 0", "bn · seed 1"}


@pytest.mark.long
def test_a_run_that_diverges_does_not_stop_its_neighbour(few: Dataset) -> None:
    """One begins with a weight that is no number; the other's record is as if it had been alone."""
    good = job("gn", train_images=300)
    weights = {name: value.numpy() for name, value in build(good).state_dict().items()}
    broken = replace(good, start={**weights, "conv1.weight": np.full((10, 1, 3, 3), np.nan, np.float32)})
    first, second = loop.train(SideBySide(), [broken, good], few)
    assert (first.diverged_at, first.epochs, first.probabilities.size) == (1, (), 0)
    assert losses(second) == losses(training.train(good, few))
