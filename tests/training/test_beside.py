from __future__ import annotations

import pytest
from recipes import recipe

from normlab.data import Dataset
from normlab.data.split import Split, split
from normlab.errors import EngineError
from normlab.records import Job
from normlab.spec import Penalty
from normlab.training.beside import check_beside
from normlab.training.evaluate import judgement
from normlab.training.lanes.engine import Lanes
from normlab.training.lanes.stepper import LanesStepper

STEPS = 100


@pytest.fixture
def few(mnist: Dataset) -> Split:
    """Two batches to train on, and as many to judge by."""
    return split(mnist, recipe(train_images=128, holdout=128), 0)


def job(norm: str = "gn:4", **fields: object) -> Job:
    how = {"preset": "lean", "batch_size": 64, "schedule": {"kind": "constant"}, "dropout": 0.1, **fields}
    return Job(recipe(norm, **how), 0, 0, "cpu", "lanes", label=norm)


@pytest.mark.parametrize(
    "each",
    [
        job("bn"),
        job("ln"),
        job(optimizer={"kind": "adamw", "nesterov": False, "lr": 0.01}),
        job(optimizer={"weight_decay": 0.1}),
        Job(recipe("bn", Penalty(kind="spred", lam=1e-3), batch_size=64), 0, 0, "cpu", "lanes", label="spred"),
    ],
    ids=lambda each: f"{each.label} {each.recipe.optimizer.kind}",
)
def test_compiled_steps_are_eagers(few: Split, each: Job) -> None:
    """With momentum, decay, dropout and penalties."""
    check_beside(Lanes().stepper([each], few), each, few, STEPS)


def test_another_rate_is_noticed(few: Split, monkeypatch: pytest.MonkeyPatch) -> None:
    """The gradient is right, and a step is a fifth too long."""
    real = LanesStepper.step
    monkeypatch.setattr(LanesStepper, "step", lambda self, batches, rate: real(self, batches, 1.2 * rate))
    with pytest.raises(EngineError, match=r"gn:4: after 2 steps of lanes .* use --engine eager"):
        check_beside(Lanes().stepper([job()], few), job(), few, STEPS)


def test_other_scores_are_noticed(few: Split, monkeypatch: pytest.MonkeyPatch) -> None:
    """The weights are right, and the network says something else in evaluation."""
    monkeypatch.setattr(
        "normlab.training.lanes.stepper.judgement",
        lambda scores, truth: judgement(2 * scores.roll(1, 1), truth),
    )
    with pytest.raises(EngineError, match="its probabilities by"):
        check_beside(Lanes().stepper([job()], few), job(), few, STEPS)
