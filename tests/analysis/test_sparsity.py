from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from comparisons import left

from normlab.analysis import sparsity
from normlab.records import Comparison

if TYPE_CHECKING:
    from comparisons import Make


def test_only_weights_of_layers_count(six: Comparison) -> None:
    """Biases and the norms' own γ are no weights that L1 should thin out."""
    assert sparsity.rows(six)[0].weights == 10 * 9 + 18 * 90 + 10 * 32


def test_shares_of_hand_made_weights(make: Make) -> None:
    """Of four weights one is exactly zero and one more is below 0.001."""
    comparison = make(arms=[{"norm": "bn", "penalty.lambda": 1e-4}], seeds=1)
    weights = {"a.weight": np.array([[0.0, 5e-4], [-0.5, 1.0]]), "a.bias": np.zeros(2)}
    (row,) = sparsity.rows(replace(comparison, runs=[left(comparison.runs[0], weights, "a.weight")]))
    assert row.abs_sum is not None
    assert row.zero is not None
    assert row.near_zero is not None
    assert row.abs_sum.mean == pytest.approx(1.5005)
    assert (row.zero.mean, row.near_zero.mean, row.weights) == (25, 50, 4)


def test_without_comes_before_with(six: Comparison) -> None:
    """Rows of one norm stand together, the one without a penalty first."""
    order = [row.arm.name for row in sparsity.rows(six)]
    assert order == ["bn", "bn + L1 0.0001", "ln", "ln + L1 0.0001", "gn:4", "gn:4 + L1 0.0001"]


def test_gap_is_train_minus_judged(six: Comparison) -> None:
    """The gap is of each run's final epoch."""
    row = sparsity.rows(six)[0]
    assert row.gap is not None
    final = six.of("bn")[1].final
    assert row.gap.values[1] == final.train_accuracy - final.judged_accuracy


def test_a_study_without_a_penalty_has_no_rows(make: Make) -> None:
    """Nothing is said of L1 where there is none."""
    assert sparsity.rows(make(arms=[{"norm": "bn"}], seeds=1)) == ()


def test_records_without_sizes_have_no_shares(make: Make) -> None:
    """Weights that were not measured are not zero."""
    comparison = make(arms=[{"norm": "bn", "penalty.lambda": 1e-4}], seeds=1)
    (row,) = sparsity.rows(replace(comparison, runs=[replace(comparison.runs[0], sizes=())]))
    assert (row.abs_sum, row.zero, row.near_zero) == (None, None, None)
    assert row.gap is not None
