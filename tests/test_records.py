from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import FrozenInstanceError, replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from makers import maker

from normlab import records
from normlab.records import Comparison, Environment, Epoch, Held, Job, RunRecord
from normlab.spec import Recipe, Study, design, known
from normlab.spec.fields import nested

HERE = Environment("0", "3", "2", "2", "Linux", "a processor", "cpu", 1, "eager", "0" * 64)
STUDY = design(norms=["bn", "ln"])


def epoch(number: int = 1, *, train: int = 90, test: int = 9) -> Epoch:
    return Epoch(number, 0.01, 0.5, 0.0, 600.0, train, 100, 0.4, test, 10, 1.5)


def run(arm: str, seed: int, diverged_at: int | None = None) -> RunRecord:
    images = 0 if diverged_at else 4
    scores = np.random.default_rng(seed).dirichlet(np.ones(10), images).astype(np.float32)
    job = Job(STUDY.arm(arm).recipe, seed, label=arm)
    return RunRecord(job, 9_802, (epoch(1), epoch(2, test=8)), Held(scores, {}), 3.0, HERE, diverged_at)


def comparison(study: Study, *runs: RunRecord) -> Comparison:
    return Comparison(study, runs, np.zeros((4, 1, 2, 2), np.uint8), np.zeros(4, np.int64), list("0123456789"))


@given(correct=st.integers(0, 60_000), images=st.integers(1, 60_000))
def test_accuracies_are_percent_of_counts(correct: int, images: int) -> None:
    """Accuracy is a hundred times correct over images, from 0 to 100, never a stored number."""
    one = Epoch(1, 0.1, 0.0, 0.0, 0.0, min(correct, images), images, 0.0, min(correct, images), images, 0.0)
    assert one.train_accuracy == one.judged_accuracy == pytest.approx(100 * min(correct, images) / images)
    assert 0 <= one.judged_accuracy <= 100


def test_what_is_large_prints_as_one_line() -> None:
    """A run says how it ended, a comparison how far it has come; neither writes its epochs out."""
    diverged = run("ln", 1, diverged_at=3)
    assert repr(run("bn", 0)) == "RunRecord('bn · seed 0', 80.00% after epoch 2)"
    assert repr(diverged) == "RunRecord('ln · seed 1', diverged in epoch 3)"
    assert (
        repr(comparison(STUDY, run("bn", 0), diverged))
        == "Comparison('compare', 2 arms × 3 seeds, 1 of 6 runs finished)"
    )


def test_train_and_test_are_kept_apart() -> None:
    """Each accuracy is made of its own counts."""
    assert (epoch().train_accuracy, epoch().judged_accuracy) == (90.0, 90.0)
    assert (epoch(train=50).train_accuracy, epoch(test=2).judged_accuracy) == (50.0, 20.0)


def test_a_prediction_is_the_most_probable_class() -> None:
    """Each image's prediction is the index of its greatest probability, as int16."""
    record = run("bn", 0)
    assert record.predictions.dtype == np.int16
    assert record.predictions.tolist() == [max(range(10), key=row.__getitem__) for row in record.probabilities.tolist()]


def test_a_diverged_run_predicts_nothing() -> None:
    """No probabilities, no predictions."""
    assert run("bn", 0, diverged_at=3).predictions.shape == (0,)


def test_contents_are_opened_when_they_are_asked_for() -> None:
    """A record is held without what is large."""

    class Closed:
        def probabilities(self) -> Any:
            raise AssertionError("opened")

        weights = probabilities

    record = replace(run("bn", 0), contents=Closed())
    assert (record.arm, record.seed, record.final.epoch) == ("bn", 0, 2)
    with pytest.raises(AssertionError, match="opened"):
        _ = record.predictions


def test_the_final_epoch_is_the_last_not_the_best() -> None:
    """Verdicts use the last epoch even where an earlier one was better."""
    record = run("bn", 0)
    assert record.final.epoch == 2
    assert record.final.judged_correct < record.epochs[0].judged_correct


def test_records_do_not_change() -> None:
    """What a run left behind cannot be overwritten."""
    with pytest.raises(FrozenInstanceError):
        epoch().judged_correct = 10  # type: ignore[misc]


@given(st.permutations([("bn", 2), ("ln", 0), ("bn", 0), ("ln", 1), ("bn", 1)]))
def test_an_arm_gives_its_runs_by_seed(stored: list[tuple[str, int]]) -> None:
    """In whatever order runs ended, an arm's come in the order of their seeds, so that pairs stay pairs."""
    both = comparison(STUDY, *(run(arm, seed) for arm, seed in stored))
    assert [record.seed for record in both.of("bn")] == [0, 1, 2]
    assert [record.seed for record in both.of("ln")] == [0, 1]
    assert {record.arm for record in both.of("ln")} == {"ln"}
    assert both.owed == 1


def test_diverged_runs_stand_apart_and_are_not_owed() -> None:
    """A diverged run is in no average, is counted by itself, and is not run again."""
    some = comparison(design(norms=["bn"]), run("bn", 0), run("bn", 1, diverged_at=2))
    assert [record.seed for record in some.of("bn")] == [0]
    assert [record.seed for record in some.diverged("bn")] == [1]
    assert some.owed == 1


# What a run is known by

JOB = Job(design(norms=["bn"]).arms[0].recipe, seed=3, root=0, device="cpu", engine="eager", data="5f" * 32)
OTHER_FIELDS: Mapping[str, Any] = {
    "model": "course",
    "model_args": '{"width":2}',
    "norm": "ln",
    "dataset": "fashion-mnist",
    "preprocess": "none",
    "batch_size": 127,
    "epochs": 5,
    "dropout": 5e-324,
    "holdout": 1,
    "train_images": 1,
    "optimizer.kind": "adamw",
    "optimizer.lr": 0.1 + 2**-55,
    "optimizer.momentum": 0.8,
    "optimizer.nesterov": False,
    "optimizer.weight_decay": 1e-300,
    "schedule.kind": "constant",
    "schedule.warmup": 0.0,
    "schedule.final": 0.0,
    "augment.rotation": 8.0,
    "augment.shift": 1.0,
    "augment.scale": 0.2,
    "augment.flip": 0.5,
    "augment.crop": 4,
    "augment.cutout": 8,
    "penalty.kind": "prox",
    "penalty.lambda": 1e-5,
    "penalty.on": "all",
    "penalty.mix": 0.4,
}
OTHER_RUNS: Mapping[str, Mapping[str, Any]] = {
    "seed": {"seed": 4},
    "root": {"root": 1},
    "device": {"device": "cuda"},
    "engine": {"engine": "lanes"},
    "data": {"data": "5e" * 32},
    "after": {"after": JOB.key},
}


def keyed(path: str, value: Any, base: Mapping[str, Any]) -> str:
    """The key of the run with one field otherwise."""
    (arm,) = design(set={**base, path: value}, norms=[value if path == "norm" else "bn"]).arms
    return replace(JOB, recipe=arm.recipe).key


def test_every_field_is_tried_below() -> None:
    """A new field of the recipe gets a line in this test's table."""
    assert OTHER_FIELDS.keys() == known().keys()


@pytest.mark.parametrize("path", OTHER_FIELDS)
def test_another_value_of_any_field_is_another_run(path: str) -> None:
    """Down to the last bit of a number."""
    charged = {"penalty.kind": "elastic", "penalty.lambda": 1e-4} if path.startswith("penalty.") else {}
    usual = Recipe.model_validate(nested(charged))
    assert keyed(path, OTHER_FIELDS[path], charged) != keyed(path, known()[path].of(usual), charged)


@pytest.mark.parametrize("name", OTHER_RUNS)
def test_whatever_else_its_numbers_depend_on_is_in_the_key(name: str) -> None:
    """Seed, root, device, engine, the data's content, and the run that it goes on from."""
    assert replace(JOB, **OTHER_RUNS[name]).key != JOB.key


def test_another_method_makes_other_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    """When training changes, older runs are not taken for newer ones."""
    monkeypatch.setattr(records, "METHOD", records.METHOD + 1)
    assert replace(JOB).key != JOB.key


def test_a_label_and_a_start_are_no_part_of_a_run() -> None:
    """Two jobs of one run are equal, whatever it is called and wherever its weights are at hand."""
    other = replace(JOB, label="mine", start={"a": np.ones(2)})
    assert other == JOB
    assert other.key == JOB.key


STUDIES: Mapping[str, Mapping[str, Any]] = {
    "name": {"name": "other"},
    "fewer seeds": {"seeds": [3]},
    "more seeds": {"seeds": [9, 3, 1]},
    "margin": {"margin": 5},
    "level": {"level": 0.9},
    "a name by hand": {"vary": {}, "arms": [{"name": "mine", "norm": "bn"}]},
    "other arms": {"vary": {"norm": ["bn", "rms"], "batch_size": [128, 256]}},
    "a link": {"set": {"optimizer.lr": {"base": 0.1, "per": "batch_size", "at": 128}}},
    "an idle penalty": {"set": {"penalty.kind": "spred", "penalty.on": "all"}},
    "questions": {"questions": ["norm"]},
    "a baseline": {"baseline": "ln"},
    "until settled": {"until_settled": True},
    "the preset written out": {"recipe": "lean"},
}


@pytest.mark.parametrize("how", STUDIES)
def test_equal_runs_have_one_key_in_every_study(how: str) -> None:
    """Names, other seeds and arms, rules of judging and spellings change nothing."""
    options: dict[str, Any] = {"vary": {"norm": ["bn", "ln"]}, "seeds": 4, **STUDIES[how]}
    study = design(**options)
    arm = next(arm for arm in study.arms if arm.recipe.norm == "bn" and arm.recipe.batch_size == 128)
    assert maker(study, "eager", "5f" * 32).job(arm, 3).key == JOB.key


@pytest.mark.slow
def test_a_key_is_the_same_in_every_process() -> None:
    """Neither hash randomization nor anything else of a process moves it."""
    code = (
        "from normlab.spec import design; from normlab.records import Job; "
        "print(Job(design(norms='bn').arms[0].recipe, 3, 0, 'cpu', 'eager', '5f' * 32).key)"
    )
    assert _printed(["-c", code]) == JOB.key
    assert len(JOB.key) == 64


def _printed(arguments: Sequence[str]) -> str:
    done = subprocess.run(
        [sys.executable, *arguments],
        env={**os.environ, "PYTHONHASHSEED": "7"},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


def test_a_job_is_called_by_its_arm_and_seed() -> None:
    """Progress and errors name the run; by its norm, where it belongs to no study."""
    assert Job(Recipe(norm="gn:4"), seed=7, label="gn:4 + L1 0.0001").name == "gn:4 + L1 0.0001 · seed 7"
    assert Job(Recipe(norm="gn:4"), seed=7).name == "gn:4 · seed 7"
