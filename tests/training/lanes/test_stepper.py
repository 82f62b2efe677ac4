from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from recipes import recipe as resolved
from torch import nn
from torch.nn import functional as F

from normlab import training
from normlab.data import Dataset
from normlab.data.preprocess import Standardize
from normlab.errors import EngineError
from normlab.events import EpochDone, Event
from normlab.models import build
from normlab.models.registry import MODELS
from normlab.norms import NormFactory, Slot
from normlab.records import Job, RunRecord
from normlab.spec import PREPROCESSES, Penalty, Preprocess

pytestmark = pytest.mark.training


def job(norm: str = "bn", engine: str = "lanes", l1: float = 0.0, **recipe: object) -> Job:
    settings = {"preset": "course", "epochs": 2, **recipe}
    return Job(resolved(norm, l1=l1, **settings), 0, 0, "cpu", engine)


def losses(record: RunRecord) -> list[float]:
    return [value for epoch in record.epochs for value in (epoch.train_loss, epoch.judged_loss)]


@pytest.mark.parametrize("norm", ["bn", "ln", "gn"])
def test_compiled_training_computes_what_the_plain_loop_computes(norm: str, few: Dataset) -> None:
    """Augmentation, dropout, penalty and sixteen steps: losses, Σ|p| and probabilities are the reference's."""
    plain = training.train(job(norm, "reference", l1=1e-4), few)
    fast = training.train(job(norm, l1=1e-4), few)
    assert losses(fast) == pytest.approx(losses(plain), rel=2e-3)
    assert [e.abs_sum for e in fast.epochs] == pytest.approx([e.abs_sum for e in plain.epochs], rel=1e-4)
    assert [e.penalty for e in fast.epochs] == pytest.approx([e.penalty for e in plain.epochs], rel=1e-4)
    assert [e.learning_rate for e in fast.epochs] == [e.learning_rate for e in plain.epochs]
    assert np.abs(fast.probabilities - plain.probabilities).max() < 0.02


PENALTIES = [
    Penalty(kind="prox", lam=5e-3),
    Penalty(kind="spred", lam=1e-2),
    Penalty(kind="group", lam=5e-3),
    Penalty(kind="gamma", lam=2e-2),
    Penalty(kind="l2", lam=1e-2),
    Penalty(kind="elastic", lam=5e-3, mix=0.7),
]


@pytest.mark.parametrize("penalty", PENALTIES, ids=lambda penalty: penalty.kind)
@pytest.mark.long
def test_every_penalty_trains_as_in_the_plain_loop(penalty: Penalty, few: Dataset) -> None:
    """With `lean`'s Nesterov steps and weight decay: losses, what is charged, and how many weights are zero at the end.

    At a third of its rate, for sixteen steps at the whole one let rounding grow to 7 % of a loss, whoever computes.
    What is charged and Σ|p| are the sharp measures here; single steps are compared in test_update.
    """
    recipe = resolved("gn:4", penalty, preset="lean", epochs=2, optimizer={"lr": 0.03})
    plain, fast = (training.train(Job(recipe, 0, engine=engine), few) for engine in ("reference", "lanes"))
    assert losses(fast) == pytest.approx(losses(plain), rel=2e-2)
    assert [e.penalty for e in fast.epochs] == pytest.approx([e.penalty for e in plain.epochs], rel=2e-3)
    assert [e.abs_sum for e in fast.epochs] == pytest.approx([e.abs_sum for e in plain.epochs], rel=2e-3)
    zeros = [sum(size.zeros for size in record.sizes if size.epoch == 2) for record in (plain, fast)]
    assert zeros[1] == pytest.approx(zeros[0], rel=0.06)
    assert (zeros[0] > 0) == (penalty.kind in ("prox", "elastic"))


@pytest.mark.parametrize("how", PREPROCESSES)
@pytest.mark.long
def test_every_preprocessing_trains_as_in_the_plain_loop(how: Preprocess, few: Dataset) -> None:
    """On all engines; the record names the stored data set."""
    recipe = resolved("gn", preset="course", epochs=1, preprocess=how)
    plain, eager, fast = (
        training.train(Job(recipe, 0, engine=engine), few) for engine in ("reference", "eager", "lanes")
    )
    assert losses(fast) == pytest.approx(losses(plain), rel=1e-3)
    assert losses(eager) == pytest.approx(losses(plain), rel=1e-3)
    assert fast.environment.data == few.digest


@pytest.mark.long
def test_preprocessings_train_differently(few: Dataset) -> None:
    """Each gives the network something else to see."""
    found = [training.train(job("gn", epochs=1, preprocess=how), few) for how in PREPROCESSES]
    assert len({losses(record)[1] for record in found}) == len(PREPROCESSES)


def test_the_first_steps_are_the_references_to_rounding(few: Dataset) -> None:
    """Before rounding errors grow, the loss of a step has five digits in common with the reference's."""
    tiny = replace(few, train_images=few.train_images[:160], train_labels=few.train_labels[:160])
    plain, fast = (
        training.train(job("gn", engine, epochs=1, batch_size=64), tiny) for engine in ("reference", "lanes")
    )
    assert losses(fast) == pytest.approx(losses(plain), rel=1e-5)


@pytest.mark.parametrize("size", [1, 3, 8])
@pytest.mark.long
def test_small_batches_have_narrower_vectors_and_the_same_steps(size: int, few: Dataset) -> None:
    """Down to a single image: what is computed is the plain loop's."""
    tiny = replace(few, train_images=few.train_images[:24], train_labels=few.train_labels[:24])
    norm = "gn" if size == 1 else "bn"
    plain, fast = (
        training.train(job(norm, engine, epochs=1, batch_size=size), tiny) for engine in ("reference", "lanes")
    )
    assert losses(fast) == pytest.approx(losses(plain), rel=1e-3)


def test_the_same_run_gives_the_same_bits(few: Dataset) -> None:
    """Compiled code adds in one order, always."""
    first, second = (training.train(job(), few) for _ in range(2))
    assert first.probabilities.tobytes() == second.probabilities.tobytes()
    assert losses(first) == losses(second)
    assert all(np.array_equal(first.weights[name], second.weights[name]) for name in first.weights)


def test_threads_change_no_bit(few: Dataset) -> None:
    """The kernels use one thread, whatever the process has."""
    alone = training.train(job("gn", epochs=1), few)
    torch.set_num_threads(2)
    try:
        shared = training.train(job("gn", epochs=1), few)
    finally:
        torch.set_num_threads(1)
    assert alone.probabilities.tobytes() == shared.probabilities.tobytes()


def test_a_record_says_what_happened(few: Dataset) -> None:
    """Counts, sizes and the engine's name are those of the run."""
    heard: list[Event] = []
    record = training.train(job(), few, heard.append)
    assert (record.job.recipe.norm, record.seed, record.parameters, len(record.epochs)) == ("bn", 0, 9802, 2)
    assert [(e.epoch, e.train_images, e.judged_images) for e in record.epochs] == [(1, 1024, 500), (2, 1024, 500)]
    assert record.final.judged_correct == int((record.predictions == few.test_labels).sum())
    assert 0 < record.final.train_correct <= 1024
    assert record.environment.engine == "lanes"
    assert record.environment.data == few.digest
    assert record.weights["norm1.num_batches_tracked"] == 16
    assert tuple(event.epoch for event in heard if isinstance(event, EpochDone)) == record.epochs


@pytest.mark.parametrize("norm", ["bn", "ln-chw"])
@pytest.mark.parametrize("model", ["course", "lean"])
def test_the_weights_give_the_recorded_probabilities_in_pytorch(model: str, norm: str, few: Dataset) -> None:
    """What is kept can be loaded into the model and used without the engine."""
    wanted = job(norm, preset=model, epochs=1)
    record = training.train(wanted, few)
    loaded = build(wanted)
    loaded.load_state_dict({name: torch.from_numpy(value) for name, value in record.weights.items()})
    images = Standardize(few.mean, few.std, torch.device("cpu"))(torch.from_numpy(few.test_images.copy()).float())
    with torch.no_grad():
        probabilities = F.softmax(loaded.eval()(images), 1).numpy()
    assert np.abs(probabilities - record.probabilities).max() < 1e-4


def test_a_record_keeps_its_own_weights(few: Dataset) -> None:
    """They are no view of a memory that goes away or changes with the next run."""
    record = training.train(job(epochs=1), few)
    assert all(value.base is None or value.flags.owndata for value in record.weights.values())


def test_a_loss_that_is_no_number_ends_the_run_at_its_epoch(few: Dataset) -> None:
    """A learning rate that explodes gives a record that says so, not a crash."""
    record = training.train(job("none", optimizer={"lr": 1e6}), few)
    assert record.diverged_at == 1
    assert record.epochs == ()
    assert record.probabilities.size == 0


def test_training_leaves_torchs_random_state_alone(few: Dataset) -> None:
    """Neither compiling nor training draws from the user's generator."""
    before = torch.random.get_rng_state()
    training.train(job(epochs=1), few)
    assert torch.equal(before, torch.random.get_rng_state())


@pytest.mark.parametrize("count", [1, 5, 129])
def test_any_number_of_images_can_be_trained_on(count: int, few: Dataset) -> None:
    """One image, a few, and one more than a batch."""
    some = replace(few, train_images=few.train_images[:count], train_labels=few.train_labels[:count])
    for norm in ("bn", "ln"):
        record = training.train(job(norm, epochs=1), some)
        plain = training.train(job(norm, "eager", epochs=1), some)
        assert record.final.train_images == count
        assert losses(record) == pytest.approx(losses(plain), rel=1e-4)


def test_held_out_images_take_the_place_of_the_test_set(few: Dataset) -> None:
    """With a hold-out, training has fewer images and judges the held-out ones."""
    record = training.train(job(epochs=1, holdout=200), few)
    assert (record.final.train_images, record.final.judged_images) == (824, 200)


def test_adamw_and_one_cycle_are_the_references(few: Dataset) -> None:
    """The optimizer and the schedule are the reference's own code."""
    settings = {"preset": "lean", "epochs": 1, "optimizer": {"kind": "adamw", "lr": 1e-3, "weight_decay": 1e-2}}
    plain, fast = (training.train(job("ln-c", engine, **settings), few) for engine in ("eager", "lanes"))
    assert losses(fast) == pytest.approx(losses(plain), rel=1e-3)


def test_a_model_without_kernels_is_an_engine_error(few: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    """Asked for by name, the engine says which layer it cannot take."""
    monkeypatch.setitem(MODELS, "odd", lambda *_, **__: nn.Sequential(nn.Conv2d(1, 2, 3), nn.Softsign()))
    with pytest.raises(EngineError, match="no kernel for 1: Softsign"):
        training.train(job(model="odd"), few)


def test_another_device_is_an_engine_error(few: Dataset) -> None:
    """Its memory is not where the kernels work."""
    with pytest.raises(EngineError, match="works on cpu, not on cuda"):
        training.train(replace(job(), device="cuda"), few)


class Example(nn.Module):
    """The network of many a first course: a layer that drops channels, and dropout as a function."""

    def __init__(self, norm: NormFactory, dropout: float = 0.0, **_: object) -> None:
        super().__init__()
        self.one, self.norm, self.two = nn.Conv2d(1, 10, 5), norm(Slot("norm", 10, (24, 24), 2)), nn.Conv2d(10, 20, 5)
        self.drop, self.share = nn.Dropout2d(dropout), dropout
        self.hidden, self.head = nn.Linear(320, 50), nn.Linear(50, 10)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Log-probabilities."""
        x = F.relu(F.max_pool2d(self.norm(self.one(x)), 2))
        x = F.relu(F.max_pool2d(self.drop(self.two(x)), 2))
        x = F.dropout(F.relu(self.hidden(x.view(-1, 320))), self.share, training=self.training)
        return F.log_softmax(self.head(x), dim=1)


@pytest.mark.long
def test_dropout_as_a_function_is_the_same_in_all_engines(few: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its masks are paired as those of layers are."""
    monkeypatch.setitem(MODELS, "small", Example)
    plain, eager, fast = (
        training.train(job("gn:2", engine, epochs=1, model="small", dropout=0.5), few)
        for engine in ("reference", "eager", "lanes")
    )
    assert losses(fast) == pytest.approx(losses(plain), rel=1e-4)
    assert losses(eager) == pytest.approx(losses(plain), rel=1e-4)
