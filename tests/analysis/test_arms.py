from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from normlab.analysis import arms
from normlab.records import Comparison

if TYPE_CHECKING:
    from comparisons import Make


@pytest.mark.slow
def test_rows_are_the_records_numbers(six: Comparison) -> None:
    """Every value of an arm is computed from its records without rounding."""
    for row in arms.rows(six):
        runs = six.of(row.name)
        assert row.final is not None
        assert row.last is not None
        assert row.best is not None
        assert row.best_train is not None
        assert row.final.values == tuple(run.final.judged_accuracy for run in runs)
        assert row.last.values[0] == np.mean([epoch.judged_accuracy for epoch in runs[0].epochs[-5:]])
        assert row.best.values == tuple(max(epoch.judged_accuracy for epoch in run.epochs) for run in runs)
        assert row.best_train.values == tuple(max(epoch.train_accuracy for epoch in run.epochs) for run in runs)
        assert (row.parameters, row.seeds, row.diverged) == (9_802, (0, 1, 2), ())


def test_the_last_epochs_of_a_long_run_are_five(make: Make) -> None:
    """The mean of the last epochs leaves the first ones of a longer run out."""
    comparison = make(arms=[{"norm": "bn"}], seeds=1, epochs=8)
    (row,) = arms.rows(comparison)
    assert row.last is not None
    late = [epoch.judged_accuracy for epoch in comparison.runs[0].epochs[3:]]
    assert row.last.mean == pytest.approx(np.mean(late))


def test_the_best_epoch_is_the_first_that_reached_it(make: Make) -> None:
    """A score that is reached again later was reached at its first epoch."""
    (row,) = arms.rows(make(arms=[{"norm": "bn"}], seeds=2, epochs=4, errors={"bn": 0.0}))
    assert row.best_epochs == (1, 1)


def test_a_single_seed_has_no_spread(make: Make) -> None:
    """The sd of one run is not defined."""
    (row,) = arms.rows(make(arms=[{"norm": "bn"}], seeds=1))
    assert row.final is not None
    assert row.final.sd is None


def test_an_arm_whose_runs_all_diverged_has_no_score(make: Make) -> None:
    """Divergences are listed with seed and epoch, scores are None and not zero."""
    (row,) = arms.rows(make(arms=[{"norm": "bn"}], seeds=2, diverged=[("bn", 0, 1), ("bn", 1, 3)]))
    assert row.diverged == (arms.Divergence(0, 1), arms.Divergence(1, 3))
    assert (row.final, row.last, row.best, row.fluctuation, row.seconds) == (None, None, None, None, None)
    assert row.parameters == 9_802


def test_two_epochs_have_no_fluctuation(make: Make) -> None:
    """One step from epoch to epoch has no spread."""
    (row,) = arms.rows(make(arms=[{"norm": "bn"}], seeds=2, epochs=2))
    assert row.fluctuation is None
