from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from normlab.stats import power


@pytest.mark.parametrize("seeds", [2, 3, 5, 10, 30])
@pytest.mark.parametrize("effect", [0.0, 0.3, 1.0, 1.5])
def test_power_agrees_with_the_noncentral_t(seeds: int, effect: float) -> None:
    """It is scipy's, which is NaN for larger effects."""
    quantile, shift = stats.t.ppf(0.975, seeds - 1), effect * seeds**0.5
    wanted = stats.nct.sf(quantile, seeds - 1, shift) + stats.nct.cdf(-quantile, seeds - 1, shift)
    assert power._power(effect, seeds, 0.95) == pytest.approx(wanted, abs=2e-4)


def test_ten_seeds_find_one_standard_deviation() -> None:
    """A textbook value: n = 10 paired, α = 0.05, power 0.80 needs an effect size of 0.996 (J. Cohen, 1988)."""
    assert power.detectable(1.0, 10) == pytest.approx(0.996, abs=2e-3)
    assert power.detectable(0.05, 10) == pytest.approx(0.0498, abs=1e-4)


@pytest.mark.parametrize(("effect", "seeds"), [(1.0, 10), (0.5, 34), (0.2, 199)])
def test_seeds_to_find_are_those_of_the_tables(effect: float, seeds: int) -> None:
    """Paired t test at α = 0.05 and power 0.80: 10, 34 and 199 pairs (J. Cohen, 1988; G*Power)."""
    assert power.seeds_to_find(effect, 1.0) == seeds


def test_what_is_found_with_so_many_seeds_needs_no_more() -> None:
    """The two questions are each other's inverse."""
    for seeds in (3, 7, 20, 100):
        smallest = power.detectable(0.08, seeds)
        assert smallest is not None
        assert power.seeds_to_find(smallest * 1.001, 0.08) == seeds


def test_seeds_to_equate_reach_their_power() -> None:
    """Simulated: two one-sided tests with so many seeds show equivalence about four times out of five."""
    seeds = power.seeds_to_equate(0.02, 0.08, 0.1)
    assert seeds is not None
    values = np.random.default_rng(0).normal(0.02, 0.08, (20_000, seeds))
    error = values.std(axis=1, ddof=1) / seeds**0.5
    shown = np.abs(values.mean(axis=1)) + stats.t.ppf(0.95, seeds - 1) * error < 0.1
    assert 0.76 < shown.mean() < 0.92


def test_what_no_study_reaches_is_none() -> None:
    """No difference to find, a difference on the margin, one seed: there is no number."""
    assert power.seeds_to_find(0.0, 0.1) is None
    assert power.seeds_to_equate(0.1, 0.1, 0.1) is None
    assert power.seeds_to_equate(0.0999, 0.1, 0.1) is None
    assert power.detectable(0.1, 1) is None
    assert power.detectable(0.0, 5) == 0


@pytest.mark.parametrize("seeds", [2, 10, 1000])
def test_a_huge_effect_is_found_for_certain(seeds: int) -> None:
    """Never above 1, never NaN."""
    assert power._power(1e5, seeds, 0.95) == pytest.approx(1, abs=1e-3)
    assert power._power(1e5, seeds, 0.95) <= 1
