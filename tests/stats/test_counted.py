"""Arms with next to no errors: what counts add to a t test."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import optimize, stats

from normlab.stats.counted import FEW, Counted, not_apart
from normlab.stats.paired import Paired
from normlab.stats.verdict import Kind, Rules, verdicts

counts = st.lists(st.tuples(st.integers(0, 12), st.integers(0, 12)), min_size=2, max_size=10)


def counted(errors: list[tuple[int, int]], images: int = 10_000) -> Counted:
    """What is known of a pair."""
    differences = tuple(100 * (second - first) / images for first, second in errors)
    return Counted(differences, tuple(errors), images)


@pytest.mark.parametrize(("errors", "seeds"), [(0.5, 5), (1.0, 10), (2.0, 10), (8.0, 5)])
def test_arms_that_are_a_margin_apart_are_rarely_called_equivalent(errors: float, seeds: int) -> None:
    """By counts alone, of 40,000 pairs: the error that is allowed, and half a percent for so few values."""
    rng = np.random.default_rng(0)
    p = not_apart(rng.poisson(errors, (40_000, seeds)), rng.poisson(errors + 10, (40_000, seeds)), 10)
    assert np.mean(p <= 0.045) < 0.05


def test_the_variance_is_that_of_the_hypothesis() -> None:
    """Of the likeliest counts that are a margin apart, found by search."""
    first, second, margin = [1, 0, 2], [3, 4, 3], 10.0

    def unlikely(rate: float) -> float:
        return float(-stats.poisson.logpmf(first, rate).sum() - stats.poisson.logpmf(second, rate + margin).sum())

    rate = optimize.minimize_scalar(unlikely, bounds=(1e-9, 20), method="bounded", options={"xatol": 1e-10}).x
    z = (np.mean(second) - np.mean(first) - margin) / np.sqrt((2 * rate + margin) / 3)
    assert float(not_apart(first, second, margin)) == pytest.approx(stats.norm.cdf(z), rel=1e-4)


@given(counts, st.floats(0.5, 50))
def test_which_arm_comes_first_does_not_matter(errors: list[tuple[int, int]], margin: float) -> None:
    """And a p-value is one."""
    first, second = np.transpose(errors)
    found = float(not_apart(first, second, margin))
    assert 0 <= found <= 1
    assert found == pytest.approx(float(not_apart(second, first, margin)))


@given(counts)
def test_counts_never_make_a_claim_easier(errors: list[tuple[int, int]]) -> None:
    """The t test is asked as well; of arms with many errors it alone."""
    pair = counted(errors)
    alone = Paired(pair.differences).equal(0.1)
    assert pair.equal(0.1) >= alone
    if np.mean(errors, axis=0).min() >= FEW:
        assert pair.equal(0.1) == alone


def test_a_verdict_asks_them() -> None:
    """Seven errors in three runs against none: a small spread by chance, and ten errors a run would be a margin."""
    few = counted([(0, 3), (0, 2), (0, 2)])
    assert verdicts([few.differences], Rules(margin=0.04))[0].kind is Kind.equivalent
    assert verdicts([few], Rules(margin=0.04))[0].kind is not Kind.equivalent
    assert verdicts([few])[0].kind is Kind.equivalent
