from __future__ import annotations

from dataclasses import FrozenInstanceError

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from normlab.records import Comparison, Environment, Epoch, Job, RunRecord
from normlab.spec import Arm, Recipe, Study, design

HERE = Environment("0", "3", "2", "2", "Linux", "a processor", "cpu", 1, "eager", "0" * 64)


def epoch(number: int = 1, *, train: int = 90, test: int = 9) -> Epoch:
    return Epoch(number, 0.01, 0.5, 0.0, 600.0, train, 100, 0.4, test, 10, 1.5)


def run(arm: str, seed: int, diverged_at: int | None = None) -> RunRecord:
    images = 0 if diverged_at else 4
    scores = np.random.default_rng(seed).dirichlet(np.ones(10), images).astype(np.float32)
    return RunRecord(arm, seed, 9_802, (epoch(1), epoch(2, test=8)), scores, {}, 3.0, HERE, diverged_at)


def comparison(study: Study, *runs: RunRecord) -> Comparison:
    return Comparison(study, runs, np.zeros((4, 1, 2, 2), np.uint8), np.zeros(4, np.int64), list("0123456789"))


@given(correct=st.integers(0, 60_000), images=st.integers(1, 60_000))
def test_accuracies_are_percent_of_counts(correct: int, images: int) -> None:
    """Accuracy is a hundred times correct over images, from 0 to 100, never a stored number."""
    one = Epoch(1, 0.1, 0.0, 0.0, 0.0, min(correct, images), images, 0.0, min(correct, images), images, 0.0)
    assert one.train_accuracy == one.judged_accuracy == pytest.approx(100 * min(correct, images) / images)
    assert 0 <= one.judged_accuracy <= 100


def test_train_and_test_are_kept_apart() -> None:
    """Each accuracy is made of its own counts."""
    assert (epoch().train_accuracy, epoch().judged_accuracy) == (90.0, 90.0)
    assert (epoch(train=50).train_accuracy, epoch(test=2).judged_accuracy) == (50.0, 20.0)


def test_a_prediction_is_the_most_probable_class() -> None:
    """Each image's prediction is the index of its greatest probability, as int64."""
    record = run("bn", 0)
    assert record.predictions.dtype == np.int64
    assert record.predictions.tolist() == [max(range(10), key=row.__getitem__) for row in record.probabilities.tolist()]


def test_a_diverged_run_predicts_nothing() -> None:
    """No probabilities, no predictions."""
    assert run("bn", 0, diverged_at=3).predictions.shape == (0,)


def test_the_final_epoch_is_the_last_not_the_best() -> None:
    """Verdicts use the last epoch even where an earlier one was better."""
    record = run("bn", 0)
    assert record.final.epoch == 2
    assert record.final.judged_correct < record.epochs[0].judged_correct


def test_a_job_is_called_by_its_arm_and_seed() -> None:
    """Progress and errors name the run."""
    assert Job(Recipe(), Arm(norm="gn:4", l1=1e-4), seed=7).name == "gn:4 + L1 0.0001 seed 7"


def test_records_do_not_change() -> None:
    """What a run left behind cannot be overwritten."""
    with pytest.raises(FrozenInstanceError):
        epoch().judged_correct = 10  # type: ignore[misc]


@given(st.permutations([("bn", 2), ("ln", 0), ("bn", 0), ("ln", 1), ("bn", 1)]))
def test_an_arm_gives_its_runs_by_seed(stored: list[tuple[str, int]]) -> None:
    """In whatever order runs ended, an arm's come in the order of their seeds, so that pairs stay pairs."""
    study = design(norms=["bn", "ln"], l1=[0])
    both = comparison(study, *(run(arm, seed) for arm, seed in stored))
    assert [record.seed for record in both.of("bn")] == [0, 1, 2]
    assert [record.seed for record in both.of("ln")] == [0, 1]
    assert {record.arm for record in both.of("ln")} == {"ln"}
    assert both.owed == 1


def test_diverged_runs_stand_apart_and_are_not_owed() -> None:
    """A diverged run is in no average, is counted by itself, and is not run again."""
    study = design(norms=["bn"], l1=[0])
    some = comparison(study, run("bn", 0), run("bn", 1, diverged_at=2))
    assert [record.seed for record in some.of("bn")] == [0]
    assert [record.seed for record in some.diverged("bn")] == [1]
    assert some.owed == 1
