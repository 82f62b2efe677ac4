from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from recipes import recipe
from torch import nn

from normlab.data import Dataset
from normlab.data.split import Split, split
from normlab.errors import EngineError
from normlab.models.registry import MODELS
from normlab.norms import Slot
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
@pytest.mark.slow
def test_compiled_steps_are_eagers(few: Split, each: Job) -> None:
    """With momentum, decay, dropout and penalties."""
    check_beside(Lanes().stepper([each], few), each, few, STEPS)


@pytest.mark.parametrize("norm", ["bn", "gn:4"])
@pytest.mark.parametrize("factor", [0.0, 1.2])
@pytest.mark.slow
def test_another_rate_is_noticed(few: Split, monkeypatch: pytest.MonkeyPatch, norm: str, factor: float) -> None:
    """The gradient is right, and a step is a fifth too long, or none."""
    real = LanesStepper.step
    monkeypatch.setattr(LanesStepper, "step", lambda self, batches, rate: real(self, batches, factor * rate))
    with pytest.raises(EngineError, match=r"after 2 steps of lanes .* beside PyTorch's"):
        check_beside(Lanes().stepper([job(norm)], few), job(norm), few, STEPS)


@pytest.mark.slow
def test_scores_that_are_no_numbers_are_noticed(few: Split, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where PyTorch's are."""
    monkeypatch.setattr(
        "normlab.training.lanes.stepper.judgement", lambda scores, truth: judgement(scores * float("nan"), truth)
    )
    with pytest.raises(EngineError, match="its probabilities by nan"):
        check_beside(Lanes().stepper([job()], few), job(), few, STEPS)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.slow
def test_a_bias_that_a_norm_takes_away_is_no_difference(few: Split, monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    """Its gradient is rounding, of which Adam makes whole steps in either direction."""

    def network(norm: Any, dropout: float = 0.0, **_: object) -> nn.Module:
        return nn.Sequential(
            nn.Conv2d(1, 8, 5, stride=4),
            norm(Slot("norm", 8, (6, 6), 8)),
            nn.ReLU(),
            nn.Flatten(),
            nn.Dropout(dropout),
            nn.Linear(288, 10),
        )

    monkeypatch.setitem(MODELS, "hand-built", network)
    adam = {"kind": "adamw", "nesterov": False, "lr": 0.001}
    each = replace(job("in", model="hand-built", optimizer=adam), seed=seed)
    check_beside(Lanes().stepper([each], few), each, few, STEPS)


def test_other_scores_are_noticed(few: Split, monkeypatch: pytest.MonkeyPatch) -> None:
    """The weights are right, and the network says something else in evaluation."""
    monkeypatch.setattr(
        "normlab.training.lanes.stepper.judgement",
        lambda scores, truth: judgement(2 * scores.roll(1, 1), truth),
    )
    with pytest.raises(EngineError, match="its probabilities by"):
        check_beside(Lanes().stepper([job()], few), job(), few, STEPS)
