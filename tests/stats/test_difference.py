from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from normlab.stats import difference

few = st.lists(st.floats(-1, 1).map(lambda x: round(x, 2)), min_size=2, max_size=9)


@pytest.mark.parametrize("seeds", [2, 3, 5, 10, 30])
@pytest.mark.parametrize("value", [0.0, 0.1])
def test_t_test_agrees_with_scipy(seeds: int, value: float) -> None:
    """The p-value is scipy's for one sample, study by study."""
    values = np.random.default_rng(seeds).normal(0.05, 0.1, (4, seeds))
    assert difference.t_test(values, value) == pytest.approx(stats.ttest_1samp(values, value, axis=-1).pvalue)


def test_t_test_of_a_hand_worked_table() -> None:
    """Differences 1, 2, 3: t = 2 / (1 / √3) = 3.4641 with two degrees of freedom, p = 0.0742."""
    assert float(difference.t_test([1.0, 2.0, 3.0])) == pytest.approx(0.0742, abs=5e-5)


@pytest.mark.parametrize("values", [[0.3], [0.3, 0.3, 0.3], [0.0, 0.0]])
def test_without_a_spread_there_is_no_evidence(values: list[float]) -> None:
    """One seed, or whole images that happen to agree, show nothing: p = 1, never NaN and never 0."""
    assert float(difference.t_test(values)) == 1


@given(few)
def test_sign_flip_counts_every_pattern(values: list[float]) -> None:
    """The p-value is the share of sign patterns whose mean is as far from 0, counted one by one."""
    signs = np.array(np.meshgrid(*[[-1, 1]] * len(values))).reshape(len(values), -1).T
    means = np.abs(signs @ np.array(values))
    wanted = np.mean(means >= abs(sum(values)) - 1e-9)
    assert difference.sign_flip(values, np.random.default_rng(0)) == pytest.approx(wanted)


def test_sign_flip_knows_a_tie_where_floats_differ() -> None:
    """These differences sum to 0 in whole images and to 1e-17 in floats: every pattern is as far from 0 or further."""
    values = [0.0, 0.0, 0.0, -0.01, -0.01, -0.14, 0.39, -0.23]
    assert difference.sign_flip(values, np.random.default_rng(0)) == 1


def test_sign_flip_of_five_seeds_is_never_below_one_sixteenth() -> None:
    """Five differences of one sign: both extremes of 32 patterns."""
    assert difference.sign_flip([0.1, 0.2, 0.3, 0.4, 0.5], np.random.default_rng(0)) == 2 / 32


def test_sampled_patterns_come_close_to_all_of_them() -> None:
    """Beyond the exact range the p-value is an estimate that is never 0, the same for the same generator."""
    values = np.random.default_rng(1).normal(0.4, 1, difference.EXACT_UP_TO + 4)
    first, second = (difference.sign_flip(values, np.random.default_rng(5)) for _ in range(2))
    assert first == second
    assert first == pytest.approx(float(difference.t_test(values)), abs=0.02)
    assert difference.sign_flip(np.full(30, 0.2), np.random.default_rng(0)) > 0


def test_wilcoxon_agrees_with_a_published_table() -> None:
    """Five differences of one sign: the smallest two-sided p of five, 2 / 32."""
    assert difference.wilcoxon([0.1, 0.2, 0.3, 0.4, 0.5]) == 2 / 32


@pytest.mark.parametrize("seeds", [4, 9, 13, 30, difference.RANKED])
def test_wilcoxon_is_scipys_where_no_ranks_are_tied(seeds: int) -> None:
    """Exact, for any number of seeds up to those that are worked out."""
    values = np.random.default_rng(seeds).normal(0.3, 1, seeds)
    assert difference.wilcoxon(values) == pytest.approx(stats.wilcoxon(values, method="exact").pvalue, rel=1e-9)


@given(st.lists(st.integers(-3, 3), min_size=1, max_size=8))
def test_wilcoxon_counts_patterns_of_signs_where_ranks_are_tied(values: list[int]) -> None:
    """As all of them give, looked at one after another, seeds without a difference left out."""
    told = np.array([value for value in values if value])
    if not told.size:
        assert difference.wilcoxon(values) == 1
        return
    ranks = stats.rankdata(np.abs(told))
    signs = np.array(list(product([-1, 1], repeat=told.size)))
    far = np.abs(signs @ ranks) >= abs(np.sign(told) @ ranks) - 1e-9
    assert difference.wilcoxon([value / 7 for value in values]) == pytest.approx(far.mean(), rel=1e-12)


@pytest.mark.parametrize("values", [[0.0], [0.0, 0.0, 0.0]])
def test_no_difference_at_all_is_no_evidence(values: list[float]) -> None:
    """Equal scores in every seed give p = 1 in every test."""
    assert difference.wilcoxon(values) == 1
    assert difference.sign_flip(values, np.random.default_rng(0)) == 1
