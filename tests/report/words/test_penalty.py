from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from comparisons import left

from normlab.report.view import build

if TYPE_CHECKING:
    from comparisons import Make

PAIR = [{"norm": "bn"}, {"norm": "bn", "penalty.lambda": 1e-4}]


def test_weights_with_and_without_are_put_beside_each_other(make: Make) -> None:
    """Σ|w|, near zeros and the train-test gap come from the records of both arms."""
    comparison = make(arms=PAIR, seeds=1)
    plain = {"a.weight": np.array([[1.0, -1.0, 2.0, 4.0]])}
    thin = {"a.weight": np.array([[0.5, -0.0005, 0.0005, 1.0]])}
    runs = [left(run, thin if "L1" in run.arm else plain) for run in comparison.runs]
    finals = {run.arm: run.final.train_accuracy - run.final.judged_accuracy for run in runs}
    with_l1, without = (f"{finals[name]:+.2f}".replace("-", "−") for name in ("bn + L1 0.0001", "bn"))
    assert (
        "bn + L1 0.0001: Σ|w| is 1.5 (8.0 without), 50.0% of the weights are below 0.001 in size (0.0%), "
        f"train − test accuracy is {with_l1} points ({without})."
    ) in build(replace(comparison, runs=runs)).findings


def test_no_exact_zero_is_told(make: Make) -> None:
    """A subgradient makes weights small and removes none."""
    assert (
        "L1: not one weight is exactly zero; it made weights small but removed none." in build(make(arms=PAIR)).findings
    )


def test_exact_zeros_are_told(make: Make) -> None:
    """Zeros that are really there are counted."""
    comparison = make(arms=PAIR, seeds=1)
    runs = [left(run, {"a.weight": np.array([[0.0, 1.0]])}) for run in comparison.runs]
    assert "L1: 50.0% of an arm's weights are exactly zero." in build(replace(comparison, runs=runs)).findings


def test_a_penalty_without_a_partner_is_not_compared(make: Make) -> None:
    """Without the same norm unpenalised there is nothing to put beside it."""
    view = build(make(arms=[{"norm": "bn"}, {"norm": "ln", "penalty.lambda": 1e-4}]))
    assert not any("Σ|w|" in sentence for sentence in view.findings)


def test_each_kind_is_told_apart(make: Make) -> None:
    """A subgradient leaves no zero where a proximal step does."""
    strong = {"norm": "bn", "penalty.lambda": 1e-3}
    arms = [{"norm": "bn"}, strong, {**strong, "penalty.kind": "prox"}]
    comparison = make(arms=arms, seeds=1)
    sparse = {"a.weight": np.array([[0.0, 0.0, 0.0, 1.0]])}
    runs = [left(run, sparse) if "prox" in run.arm else run for run in comparison.runs]
    told = build(replace(comparison, runs=runs)).findings
    assert "L1: not one weight is exactly zero; it made weights small but removed none." in told
    assert "prox: 75.0% of an arm's weights are exactly zero." in told


def test_many_arms_with_a_penalty_are_told_together(make: Make) -> None:
    """Six of them in a sentence each for their weights and their step sizes, with the ends of what they reach."""
    view = build(make(vary={"norm": ["bn", "ln", "in"], "penalty.lambda": [0.0, 1e-4, 1e-3]}))
    (chapter,) = (each for each in view.chapters if each.heading == "What the penalty does to the weights")
    beside = [sentence for sentence in chapter.sentences if sentence.startswith("6 arms with a penalty: Σ|w| is ")]
    steps = [
        sentence for sentence in chapter.sentences if sentence.startswith("The effective step size of these weights")
    ]
    assert len(beside) == len(steps) == 1
    assert "points beside that without." in beside[0]
    assert len(chapter.sentences) <= 5
