from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from normlab.stats.multiplicity import bonferroni, holm, holm_levels


@pytest.mark.parametrize(("comparisons", "each"), [(1, 0.95), (2, 0.975), (5, 0.99), (10, 0.995)])
def test_bonferroni_of_a_hand_worked_table(comparisons: int, each: float) -> None:
    """5 % of error is shared out evenly."""
    assert bonferroni(0.95, comparisons) == pytest.approx(each)


@given(st.floats(0.5, 0.999), st.integers(1, 1000))
def test_the_errors_add_up_to_the_familys(level: float, comparisons: int) -> None:
    """That m intervals each err with (1 − level) / m lets them err together with at most 1 − level."""
    assert comparisons * (1 - bonferroni(level, comparisons)) == pytest.approx(1 - level)


@pytest.mark.parametrize(("level", "comparisons"), [(0.95, 0), (1.0, 3), (0.0, 3)])
def test_no_comparison_or_certainty_is_refused(level: float, comparisons: int) -> None:
    """There is no level for nothing, and none that is certain."""
    with pytest.raises(ValueError, match="expected a level"):
        bonferroni(level, comparisons)


def test_holm_of_a_hand_worked_table() -> None:
    """0.01, 0.04, 0.03, 0.005 of four: 4 × 0.005, 3 × 0.01, 2 × 0.03, and 0.04 may not fall below 0.06."""
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])


@given(st.lists(st.floats(0, 1), min_size=1, max_size=8))
def test_holm_lies_between_no_correction_and_bonferroni(p: list[float]) -> None:
    """It is never easier than a single test and never harder than Bonferroni, and keeps the order."""
    adjusted = holm(p)
    assert (adjusted >= np.array(p) - 1e-12).all()
    assert (adjusted <= np.minimum(1, len(p) * np.array(p)) + 1e-12).all()
    assert (np.diff(adjusted[np.argsort(p)]) >= 0).all()


@given(st.lists(st.floats(0, 1), min_size=1, max_size=8))
def test_a_level_excludes_exactly_what_holm_rejects(p: list[float]) -> None:
    """P ≤ 1 − level of its own step, if and only if the adjusted p is at most 5 %."""
    own = np.array(p) <= 1 - holm_levels(p, 0.95)
    assert (own == (holm(p) <= 0.05)).all()


def test_studies_stand_side_by_side() -> None:
    """The last axis are the comparisons of one study; studies do not touch each other."""
    studies = np.random.default_rng(0).random((5, 3))
    for study, adjusted, levels in zip(studies, holm(studies), holm_levels(studies, 0.9), strict=True):
        assert adjusted == pytest.approx(holm(study))
        assert levels == pytest.approx(holm_levels(study, 0.9))
