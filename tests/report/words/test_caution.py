from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

from normlab.records import Comparison, Epoch
from normlab.report.view import build

if TYPE_CHECKING:
    from collections.abc import Sequence

    from comparisons import Make

THREE = [{"norm": "bn"}, {"norm": "ln"}, {"norm": "gn:4"}]


def with_curves(comparison: Comparison, correct: dict[str, Sequence[int]]) -> Comparison:
    """The comparison with these counts of right images after each epoch."""

    def changed(epochs: Sequence[Epoch], counts: Sequence[int]) -> list[Epoch]:
        return [replace(epoch, judged_correct=count) for epoch, count in zip(epochs, counts, strict=True)]

    return replace(comparison, runs=[replace(r, epochs=changed(r.epochs, correct[r.arm])) for r in comparison.runs])


def test_counting_noise_is_the_binomial_standard_error(make: Make) -> None:
    """√(p(1 − p) / N) at the mean accuracy, in points and in images."""
    comparison = with_curves(make(arms=THREE[:1], epochs=1, images=1_000), {"bn": [990]})
    error = math.sqrt(0.99 * 0.01 / 1_000)
    assert (
        f"For orientation: at 99.00% of 1,000 test images, one standard error of one run's accuracy is "
        f"{100 * error:.3f} points ({1_000 * error:.1f} images)."
    ) in build(comparison).findings


def test_a_best_epoch_that_would_have_won_is_told(make: Make) -> None:
    """The course's own case: by best epoch one arm wins, by final epoch another."""
    counts = {"bn": [980, 992], "ln": [990, 991], "gn:4": [994, 990]}
    findings = build(with_curves(make(arms=THREE, epochs=2), counts)).findings
    assert (
        "Ranked by best test epoch gn:4 would have won; by final epoch bn has the highest mean; "
        "neither ranking is evidence."
    ) in findings
    assert "Each run's best epoch instead of its last would raise an arm's mean by 0.000 to 0.400 points." in findings


def test_another_order_behind_the_same_winner_is_told(make: Make) -> None:
    """The places behind the winner change too when the best epoch is picked."""
    counts = {"bn": [980, 995], "ln": [990, 991], "gn:4": [994, 990]}
    assert (
        "Ranked by best test epoch the order would be bn, gn:4, ln; by final epoch it is bn, ln, gn:4; "
        "neither ranking is evidence."
    ) in build(with_curves(make(arms=THREE, epochs=2), counts)).findings


def test_the_same_order_is_not_told(make: Make) -> None:
    """There is nothing to warn of when both rankings agree."""
    counts = {"bn": [980, 995], "ln": [970, 991], "gn:4": [960, 990]}
    findings = build(with_curves(make(arms=THREE, epochs=2), counts)).findings
    assert not any("Ranked" in sentence for sentence in findings)


def test_equal_parameter_counts_are_told(make: Make) -> None:
    """Size explains nothing where all arms are equal."""
    assert "All arms have 9,802 parameters, so none wins by size." in build(make(arms=THREE)).findings


def test_unequal_parameter_counts_are_told(make: Make) -> None:
    """Layer norm with an affine value for each element is a larger network."""
    comparison = make(arms=THREE[:2])
    runs = [replace(run, parameters=37_592) if run.arm == "ln" else run for run in comparison.runs]
    assert (
        "The arms differ in parameters (bn 9,802 and ln 37,592), so a difference need not come from the norm alone."
    ) in build(replace(comparison, runs=runs)).findings
