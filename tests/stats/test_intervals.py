from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from normlab.stats.intervals import Interval, bca, half_width, paired_t, within_seeds


@pytest.mark.parametrize("seeds", [2, 3, 5, 10, 30])
@pytest.mark.parametrize("level", [0.9, 0.95, 0.99444])
def test_paired_t_agrees_with_scipy(seeds: int, level: float) -> None:
    """The interval is scipy's for two paired samples."""
    rng = np.random.default_rng(seeds)
    first, second = rng.normal(99.3, 0.06, seeds), rng.normal(99.2, 0.06, seeds)
    theirs = stats.ttest_rel(first, second).confidence_interval(level)
    ours = paired_t(first - second, level)
    assert ours is not None
    assert (ours.low, ours.high) == pytest.approx((theirs.low, theirs.high))


def test_paired_t_of_a_hand_worked_table() -> None:
    """Differences 1, 2, 3 have mean 2 and sd 1; t(2) at 95 % is 4.302653, so the reach is 4.302653 / √3."""
    interval = paired_t([1, 2, 3])
    assert interval is not None
    assert interval.low == pytest.approx(2 - 4.302653 / 3**0.5, abs=1e-6)
    assert interval.high == pytest.approx(2 + 4.302653 / 3**0.5, abs=1e-6)


def test_one_seed_has_no_interval() -> None:
    """A single difference says nothing of its own uncertainty."""
    assert paired_t([0.1]) is None


@given(st.floats(-100, 100), st.integers(2, 30))
def test_equal_differences_give_an_interval_without_width(difference: float, seeds: int) -> None:
    """Equal differences give a point, not NaN."""
    interval = paired_t([difference] * seeds)
    assert interval == Interval(difference, difference, 0.95)
    assert interval.width == 0


@given(st.lists(st.floats(-10, 10), min_size=2, max_size=10))
def test_swapping_the_arms_mirrors_the_interval(differences: list[float]) -> None:
    """The differences a − b and b − a carry the same evidence."""
    there, back = paired_t(differences), paired_t(-np.asarray(differences))
    assert there is not None
    assert back is not None
    assert (there.low, there.high) == pytest.approx((-back.high, -back.low))


def test_an_interval_excludes_what_lies_outside() -> None:
    """The ends belong to the interval."""
    interval = Interval(0.0, 1.0, 0.95)
    assert not interval.excludes(0.0)
    assert interval.excludes(-0.001)


def test_few_seeds_reach_far() -> None:
    """With two seeds t(1) is 12.706, so 95 % takes 9 standard deviations to each side."""
    assert half_width(2) == pytest.approx(12.7062 / 2**0.5, abs=1e-4)


@pytest.mark.parametrize(("seeds", "level"), [(1, 0.95), (3, 0.0), (3, 1.0)])
def test_a_reach_that_does_not_exist_is_refused(seeds: int, level: float) -> None:
    """One seed, or certainty, has no finite reach."""
    with pytest.raises(ValueError, match="at least 2 seeds"):
        half_width(seeds, level)


@pytest.mark.parametrize("seeds", [3, 5, 10, 30])
def test_bca_agrees_with_scipy(seeds: int) -> None:
    """The interval is scipy's for the same draws."""
    values = np.random.default_rng(seeds).exponential(1, seeds)
    theirs = stats.bootstrap((values,), np.mean, n_resamples=999, method="BCa", rng=np.random.default_rng(1))
    ours = bca(values, np.random.default_rng(1), resamples=999)
    assert ours is not None
    assert (ours.low, ours.high) == pytest.approx(tuple(theirs.confidence_interval))


def test_bca_has_no_interval_for_one_seed_and_none_with_a_width_for_equal_ones() -> None:
    """Where nothing varies nothing can be drawn, and nothing is NaN."""
    rng = np.random.default_rng(0)
    assert bca([0.1], rng) is None
    assert bca([0.1, 0.1, 0.1], rng) == Interval(0.1, 0.1, 0.95)


def test_two_means_within_seeds_have_their_differences_interval_over_root_two() -> None:
    """What each seed has of its own is gone, so that only the difference is left."""
    rng = np.random.default_rng(3)
    own = rng.normal(0, 5, 6)
    first, second = 99.3 + own + rng.normal(0, 0.1, 6), 99.2 + own + rng.normal(0, 0.1, 6)
    apart = paired_t(first - second)
    assert apart is not None
    for values, found in zip((first, second), within_seeds([first, second]), strict=True):
        assert found is not None
        assert found.width == pytest.approx(apart.width / 2**0.5)
        assert (found.low + found.high) / 2 == pytest.approx(values.mean())


def test_within_seeds_what_is_the_seeds_own_does_not_count() -> None:
    """Means that differ by the same in every seed have no width; one seed has no interval."""
    found = within_seeds([[1.0, 5.0, 2.0], [2.0, 6.0, 3.0], [4.0, 8.0, 5.0]])
    assert [interval and interval.width for interval in found] == pytest.approx([0, 0, 0])
    assert within_seeds([[1.0], [2.0]]) == [None, None]


def test_one_mean_has_nothing_to_be_within() -> None:
    """The error says what was expected."""
    with pytest.raises(ValueError, match=r"at least 2 means, got shape \(1, 3\)"):
        within_seeds([[1.0, 2.0, 3.0]])
