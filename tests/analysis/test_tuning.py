"""What trials say of each arm's values."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from comparisons import Make
from hypothesis import given
from hypothesis import strategies as st

from normlab.analysis.tuning import Trial, TunedArm, chosen, of_arms
from normlab.records import Comparison
from normlab.spec import design
from normlab.spec.tuning import searched, trials

FIELDS = ("optimizer.lr",)


def arm(*means: float) -> TunedArm:
    return TunedArm("bn", tuple(Trial((("optimizer.lr", float(k)),), (mean,)) for k, mean in enumerate(means)))


@given(means=st.lists(st.floats(0, 100), min_size=1, max_size=5))
def test_the_expected_best_is_the_mean_over_all_draws(means: list[float]) -> None:
    """Of so many trials, each drawn anew from those that were made."""
    for budget, told in enumerate(arm(*means).expected, start=1):
        draws = [max(drawn) for drawn in product(means, repeat=budget)]
        assert told == pytest.approx(np.mean(draws), abs=1e-9)


def test_the_first_of_equals_is_chosen() -> None:
    """Of trials with the highest mean."""
    assert dict(arm(90, 95, 95).best.point) == {"optimizer.lr": 1.0}


@pytest.fixture(scope="module")
def tried(make: Make) -> Comparison:
    study = trials(design(norms=["bn", "ln"], name="mine"), searched({"lr": [0.03, 0.1]}, None, 2), 1_000)
    errors = {"bn · lr 0.03": 0.1, "bn · lr 0.1": 0.05, "ln · lr 0.03": 0.02, "ln · lr 0.1": 0.04}
    arms = [{"norm": arm.recipe.norm, "optimizer.lr": arm.recipe.optimizer.lr} for arm in study.arms]
    made = make(arms=arms, seeds=[*study.seeds], errors=errors, holdout=1_000, epochs=4)
    return replace(made, study=study)


def test_each_arm_has_the_value_that_did_best_for_it(tried: Comparison) -> None:
    """Batch norm another one than layer norm."""
    study = design(norms=["bn", "ln"], name="mine", epochs=4)
    found = of_arms(tried, study, FIELDS)
    assert chosen(found) == {"bn": {"optimizer.lr": 0.1}, "ln": {"optimizer.lr": 0.03}}


def test_a_run_that_diverged_counts_as_chance(tried: Comparison) -> None:
    """A value that fails on one seed of two is not chosen for the other."""
    runs = [
        replace(run, diverged_at=2, epochs=run.epochs[:1]) if run.arm == "ln · lr 0.03" and run.seed == 10_000 else run
        for run in tried.runs
    ]
    found = of_arms(replace(tried, runs=runs), design(norms=["bn", "ln"], name="mine", epochs=4), FIELDS)
    assert chosen(found)["ln"] == {"optimizer.lr": 0.1}
    assert found[1].trials[0].mean < 60


def test_a_value_whose_runs_are_not_all_there_is_left_out(tried: Comparison) -> None:
    """It would be judged on fewer seeds than the others."""
    runs = [run for run in tried.runs if not (run.arm == "ln · lr 0.03" and run.seed == 10_001)]
    found = of_arms(replace(tried, runs=runs), design(norms=["bn", "ln"], name="mine", epochs=4), FIELDS)
    assert [len(each.trials) for each in found] == [2, 1]
