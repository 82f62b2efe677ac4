from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from normlab.stats import data_sets
from normlab.stats.counted import Counted
from normlab.stats.paired import Paired
from normlab.stats.verdict import Kind, Rules, verdicts


def test_over_these_data_sets_a_seed_is_the_mean_of_its_differences() -> None:
    """And its t interval is scipy's."""
    rows = np.random.default_rng(3).normal(0.2, [[0.1], [1.0], [0.3]], (3, 6))
    found = data_sets.over([Paired(tuple(row)) for row in rows])
    assert found.differences == pytest.approx(rows.mean(axis=0))
    interval = found.interval(0.95)
    assert interval is not None
    wanted = stats.ttest_1samp(rows.mean(axis=0), 0).confidence_interval(0.95)
    assert (interval.low, interval.high) == pytest.approx((wanted.low, wanted.high))


def test_counts_of_errors_add_up_where_all_have_as_many_images() -> None:
    """So that few errors are still asked as counts; of unequal sizes differences alone are left."""
    one = Counted((0.01, 0.02), ((3, 4), (1, 3)), 10_000)
    other = Counted((0.0, 0.01), ((1, 1), (0, 1)), 10_000)
    both = data_sets.over([one, other])
    assert isinstance(both, Counted)
    assert (both.errors, both.images) == (((4, 5), (1, 4)), 20_000)
    apart = [100 * (second - first) / both.images for first, second in both.errors]
    assert both.differences == pytest.approx(apart)
    assert type(data_sets.over([one, Counted((0.0, 0.02), ((1, 1), (0, 1)), 5_000)])) is Paired


def test_of_data_sets_like_these_nothing_is_told_from_two() -> None:
    """From three on it has Student's t over their means, and that over seeds beside."""
    by_seed = [0.2, 0.3, 0.4, 0.3]
    assert data_sets.like([0.1, 0.2], by_seed, 0.95) is None
    assert data_sets.like([0.1, 0.2, 0.6], [0.3], 0.95) is None
    found = data_sets.like([0.1, 0.2, 0.6], by_seed, 0.95)
    assert found is not None
    ends = [stats.ttest_1samp(each, 0).confidence_interval(0.95) for each in ([0.1, 0.2, 0.6], by_seed)]
    half = np.hypot(*((each.high - each.low) / 2 for each in ends))
    assert (found.low, found.high) == pytest.approx((0.3 - half, 0.3 + half))


@pytest.mark.slow  # thousands of suites are simulated
@pytest.mark.parametrize("together", [0.0, 0.8])
def test_over_all_claims_are_false_as_seldom_as_promised(together: float) -> None:
    """Whether or not a seed makes differences on all data sets alike, and whatever their spreads are."""
    rng, rules = np.random.default_rng(11), Rules()
    spreads = np.array([[0.05], [0.2], [0.9]])
    shared = np.sqrt(together) * rng.standard_normal((2000, 1, 5))
    noise = spreads * (shared + np.sqrt(1 - together) * rng.standard_normal((2000, 3, 5)))
    kinds = [verdicts([data_sets.over([Paired(tuple(row)) for row in one])], rules)[0].kind for one in noise]
    assert np.mean([kind in (Kind.better, Kind.worse) for kind in kinds]) < 0.045 + 3 * 0.0047
