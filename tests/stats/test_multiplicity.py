from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from normlab.stats.multiplicity import bonferroni


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
