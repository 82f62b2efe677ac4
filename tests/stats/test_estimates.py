from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from normlab.stats import estimates

accuracies = st.lists(st.floats(0, 100), min_size=2, max_size=12)


@given(accuracies)
def test_mean_and_sd_agree_with_numpy(scores: list[float]) -> None:
    """Mean and sample sd are NumPy's at any number of seeds."""
    assert float(estimates.mean(scores)) == pytest.approx(np.mean(scores), abs=1e-9)
    assert estimates.sd(scores) == pytest.approx(np.std(scores, ddof=1), abs=1e-6)


def test_sd_of_a_hand_worked_table() -> None:
    """The table 2, 4, 4, 4, 5, 5, 7, 9 has mean 5 and squared deviations that sum to 32."""
    table = [2, 4, 4, 4, 5, 5, 7, 9]
    assert float(estimates.mean(table)) == 5
    assert estimates.sd(table) == pytest.approx(math.sqrt(32 / 7))


def test_one_seed_has_no_sd() -> None:
    """The spread of one score is not defined, and not zero either."""
    assert estimates.sd([99.3]) is None


@given(st.floats(0, 100), st.integers(2, 30))
def test_equal_scores_have_exactly_that_mean_and_no_spread(score: float, seeds: int) -> None:
    """Equal scores give their own value and a zero, without rounding noise."""
    assert float(estimates.mean([score] * seeds)) == score
    assert estimates.sd([score] * seeds) == 0


def test_the_last_axis_is_the_seed() -> None:
    """Arms keep their places: scores[arm, seed] gives one mean and one sd for each arm."""
    scores = [[1.0, 3.0], [10.0, 10.0]]
    spread = estimates.sd(scores)
    assert spread is not None
    assert estimates.mean(scores).tolist() == [2.0, 10.0]
    assert spread.tolist() == [pytest.approx(math.sqrt(2)), 0.0]


def test_a_steady_rise_does_not_fluctuate() -> None:
    """Equal steps from epoch to epoch are a trend, not a fluctuation."""
    assert estimates.fluctuation([[96.0, 97.0, 98.0, 99.0]]) == 0


def test_fluctuation_is_averaged_over_seeds() -> None:
    """Steps +1, −1 have sd √2; averaged with a flat seed that is half of it."""
    assert estimates.fluctuation([[98.0, 99.0, 98.0], [99.0, 99.0, 99.0]]) == pytest.approx(math.sqrt(2) / 2)


def test_two_epochs_cannot_fluctuate() -> None:
    """One step has no spread."""
    assert estimates.fluctuation([[98.0, 99.0]]) is None


@pytest.mark.parametrize("nothing", [[], 3.0, [[], []]])
def test_no_seed_is_refused(nothing: object) -> None:
    """Without a seed there is nothing to estimate, so the shape is named."""
    with pytest.raises(ValueError, match="at least one seed, got shape"):
        estimates.mean(nothing)  # type: ignore[arg-type]  # the point of the test


def test_interquartile_mean_of_a_hand_worked_table() -> None:
    """Of eight the middle four count; of five the middle one wholly, its neighbours three quarters each."""
    assert float(estimates.interquartile_mean([100, 1, 2, 3, 4, 5, 6, -100])) == pytest.approx((2 + 3 + 4 + 5) / 4)
    assert float(estimates.interquartile_mean([9, 1, 2, 3, -9])) == pytest.approx((0.75 * 1 + 2 + 0.75 * 3) / 2.5)


@given(st.lists(st.floats(0, 100), min_size=4, max_size=40).filter(lambda scores: len(scores) % 4 == 0))
@pytest.mark.long
def test_interquartile_mean_agrees_with_scipy(scores: list[float]) -> None:
    """Where seeds divide into quarters it is scipy's trimmed mean."""
    assert float(estimates.interquartile_mean(scores)) == pytest.approx(stats.trim_mean(scores, 0.25), abs=1e-9)


def test_the_chance_to_be_ahead_counts_ties_half() -> None:
    """Ahead on two of four seeds and level on one: 2.5 / 4."""
    assert float(estimates.beats([0.1, 0.2, 0.0, -0.1])) == 0.625
