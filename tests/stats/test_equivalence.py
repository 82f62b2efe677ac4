from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from normlab.stats import equivalence


@pytest.mark.parametrize("seeds", [2, 3, 5, 10, 30])
def test_tost_is_the_larger_of_scipys_one_sided_tests(seeds: int) -> None:
    """Both one-sided t tests of scipy have to reject."""
    values = np.random.default_rng(seeds).normal(0.02, 0.1, (5, seeds))
    lower = stats.ttest_1samp(values, -0.1, axis=-1, alternative="greater").pvalue
    upper = stats.ttest_1samp(values, 0.1, axis=-1, alternative="less").pvalue
    assert equivalence.tost(values, 0.1) == pytest.approx(np.maximum(lower, upper))


@given(st.lists(st.floats(-1, 1), min_size=3, max_size=8), st.floats(0.01, 0.5))
def test_a_wider_margin_is_easier_to_stay_within(values: list[float], margin: float) -> None:
    """And it does not matter which arm comes first."""
    narrow, wide = (float(equivalence.tost(values, m)) for m in (margin, 2 * margin))
    assert wide <= narrow
    assert float(equivalence.tost([-v for v in values], margin)) == pytest.approx(narrow)


@pytest.mark.parametrize("values", [[0.01], [0.01, 0.01, 0.01]])
def test_without_a_spread_nothing_is_equivalent(values: list[float]) -> None:
    """One seed, or whole images that happen to agree, do not show how far the next seed may lie."""
    assert float(equivalence.tost(values)) == 1


@pytest.mark.parametrize("margin", [0, -0.1, float("nan")])
def test_a_margin_is_above_zero(margin: float) -> None:
    """Nothing lies within less than nothing."""
    with pytest.raises(ValueError, match="margin above 0"):
        equivalence.tost([0.1, 0.2], margin)
