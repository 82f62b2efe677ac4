from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from comparisons import left

from normlab.analysis import scale
from normlab.records import Comparison, RunRecord, Scale
from normlab.report.view import build

if TYPE_CHECKING:
    from comparisons import Make

PAIR = [
    {"norm": "bn"},
    {"norm": "bn", "penalty.lambda": 1e-4},
    {"norm": "bn", "penalty": {"kind": "group", "lambda": 1e-4}},
]
SEEN = Scale(("a.weight",), change=0.002, flipped=0.0)


def sized(run: RunRecord, shrink: float = 1.0) -> RunRecord:
    """The run with a kernel in front of a norm, shrunk in every epoch, and one behind it that is as it was."""
    return left(run, {"a.weight": np.array([[3 * shrink, -4 * shrink]]), "b.weight": np.array([[7.0, 0.0, 7.0]])})


@pytest.fixture
def comparison(make: Make) -> Comparison:
    """Three arms, of which the penalised ones have kernels of half the size."""
    made = make(arms=PAIR, seeds=2, epochs=2)
    runs = [sized(run, 1.0 if run.arm == "bn" else 0.5) for run in made.runs]
    return replace(made, runs=runs, scales={arm.name: SEEN for arm in made.study.arms})


def test_shares_of_hand_made_kernels(comparison: Comparison) -> None:
    """Of 21 in all, 7 are in front of the norm; along (3, 4) the pull (1, 1) has 7²/(2·25) of its square."""
    plain, l1, group = scale.rows(comparison)
    assert plain.charged.mean == pytest.approx(7 / 21)
    assert l1.charged.mean == pytest.approx(3.5 / 17.5)
    assert plain.along is None
    assert group.along is None
    assert l1.along is not None
    assert l1.along.mean == pytest.approx(49 / 50)


def test_the_effective_step_is_the_rate_over_the_squared_length(comparison: Comparison) -> None:
    """Half the length makes each step turn the weights four times as far."""
    plain, l1, _ = scale.rows(comparison)
    rates = [epoch.learning_rate for epoch in comparison.runs[0].epochs]
    assert plain.steps == pytest.approx([rate / 25 for rate in rates])
    assert l1.steps == pytest.approx([4 * step for step in plain.steps])


def test_the_report_says_what_is_only_scale(comparison: Comparison) -> None:
    """In sentences, in a table and in a chart."""
    told = " ".join(build(comparison).findings)
    assert "20% of Σ|w| is on weights that a norm divides the scale away of" in told
    assert "changes no predicted class and no probability by more than 0.0020" in told
    assert "Of an L1's pull on these weights at the end, 98% only shrinks their common scale" in told
    assert "bn + L1 0.0001: the effective step size of these weights is 4.00 × that without a penalty" in told


def test_without_a_norm_in_front_nothing_is_said(make: Make) -> None:
    """Neither for a study without a penalty, nor for runs of a store that has no sizes."""
    assert scale.rows(make(arms=[{"norm": "bn"}])) == ()
    made = make(arms=PAIR)
    assert scale.rows(replace(made, runs=[replace(run, sizes=()) for run in made.runs])) == ()
    assert scale.rows(replace(made, scales={})) == ()


def test_normal_weights_are_pulled_along_by_two_over_pi(make: Make) -> None:
    """The share that the module names: E|x|² / E x² of a normal x."""
    made = make(arms=PAIR, seeds=1, epochs=1)
    weights = np.random.default_rng(0).standard_normal((1, 100_000))
    runs = [left(run, {"a.weight": weights}) for run in made.runs]
    row = scale.rows(replace(made, runs=runs, scales={arm.name: SEEN for arm in made.study.arms}))[1]
    assert row.along is not None
    assert row.along.mean == pytest.approx(2 / np.pi, abs=0.005)
