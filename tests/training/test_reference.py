from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from normlab import training
from normlab.data import Dataset
from normlab.errors import DeviceError, UnknownName
from normlab.records import Job, RunRecord
from normlab.spec import Arm, Recipe
from normlab.training import BatchDone, EpochDone, Event


def job(norm: str = "bn", engine: str = "eager", l1: float = 0.0, seed: int = 0, **recipe: object) -> Job:
    settings = {"preset": "course", "epochs": 2, **recipe}
    return Job(
        Recipe.model_validate(settings), Arm(norm=norm, l1=l1, l1_on="all" if l1 else "weights"), seed, 0, "cpu", engine
    )


def losses(record: RunRecord) -> list[float]:
    return [value for epoch in record.epochs for value in (epoch.train_loss, epoch.judged_loss)]


@pytest.mark.parametrize("norm", ["bn", "ln", "gn"])
def test_the_fast_path_computes_what_the_plain_loop_computes(norm: str, few: Dataset) -> None:
    """Image by image and channels first, or resident and channels last: the losses are the same."""
    plain = training.train(job(norm, "reference", l1=1e-4), few)
    fast = training.train(job(norm, "eager", l1=1e-4), few)
    assert losses(fast) == pytest.approx(losses(plain), rel=2e-3)
    assert np.abs(fast.probabilities - plain.probabilities).max() < 0.02


def test_the_same_run_gives_the_same_bits(few: Dataset) -> None:
    """One build, one device, one thread count: training again changes nothing."""
    first, second = (training.train(job(), few) for _ in range(2))
    assert first.probabilities.tobytes() == second.probabilities.tobytes()
    assert losses(first) == losses(second)


def test_training_leaves_torchs_random_state_alone(few: Dataset) -> None:
    """A library that reseeds its user's generator is a fault; ours gives it back as it was."""
    before = torch.random.get_rng_state()
    training.train(job(epochs=1), few)
    assert torch.equal(before, torch.random.get_rng_state())


def test_a_record_counts_what_happened(few: Dataset) -> None:
    """Counts, sizes and weights of the record are those of the run."""
    record = training.train(job(), few)
    assert (record.arm, record.seed, record.parameters, len(record.epochs)) == ("bn", 0, 9802, 2)
    assert all(e.train_images == 1024 and e.judged_images == 500 for e in record.epochs)
    assert record.probabilities.shape == (500, 10)
    assert np.allclose(record.probabilities.sum(1), 1, atol=1e-5)
    assert record.weights["conv1.weight"].shape == (10, 1, 3, 3)
    assert record.environment.engine == "eager"
    assert record.environment.data == few.digest


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


def test_a_loss_that_is_no_number_ends_the_run_at_its_epoch(few: Dataset) -> None:
    """A learning rate that explodes gives a record that says so, not an exception and not a NaN."""
    record = training.train(job("none", optimizer={"lr": 1e6}), few)
    assert record.diverged_at == 1
    assert record.epochs == ()
    assert record.probabilities.size == 0


def test_the_watch_hears_batches_and_epochs_in_order(few: Dataset) -> None:
    """Progress counts up to the last batch, then the epoch is told; what it says is what the record has."""
    heard: list[Event] = []
    record = training.train(job(), few, heard.append)
    epochs = [event.epoch for event in heard if isinstance(event, EpochDone)]
    batches = [event for event in heard if isinstance(event, BatchDone)]
    assert tuple(epochs) == record.epochs
    assert batches[-1].batch == batches[-1].batches == 8
    assert math.isclose(batches[-1].loss, record.final.train_loss)
    assert isinstance(heard[-1], EpochDone)


def test_held_out_images_take_the_place_of_the_test_set(few: Dataset) -> None:
    """With a hold-out, training has fewer images and judges the held-out ones."""
    record = training.train(job(epochs=1, holdout=200), few)
    assert (record.final.train_images, record.final.judged_images) == (824, 200)


def test_adamw_trains_too(few: Dataset) -> None:
    """The other optimizer lowers the loss as well."""
    record = training.train(job(optimizer={"kind": "adamw", "lr": 1e-3, "weight_decay": 1e-4}), few)
    assert record.epochs[1].train_loss < record.epochs[0].train_loss


def test_a_device_that_is_not_there_is_named(few: Dataset) -> None:
    """Asking for an accelerator that this machine lacks says what it has instead."""
    if torch.cuda.is_available():
        pytest.skip("this machine has CUDA")
    with pytest.raises(DeviceError, match="use one of cpu"):
        training.train(Job(job().recipe, Arm(norm="bn"), 0, 0, "cuda"), few)


def test_an_unknown_engine_is_named(few: Dataset) -> None:
    """An engine that is not there is an error that lists those that are."""
    with pytest.raises(UnknownName, match="eager, lanes, reference"):
        training.train(job(engine="warp"), few)


def test_one_image_is_enough_to_train_on(few: Dataset) -> None:
    """The smallest data set, in the smallest batch, works with every kind of norm."""
    from dataclasses import replace

    one = replace(few, train_images=few.train_images[:1], train_labels=few.train_labels[:1])
    for norm in ("bn", "ln", "gn", "in"):
        assert training.train(job(norm, epochs=1), one).final.train_images == 1
