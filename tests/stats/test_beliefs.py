from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from normlab.stats.beliefs import beliefs


@pytest.mark.parametrize("seeds", [2, 3, 10])
def test_the_posterior_is_scipys_student_t_about_the_mean(seeds: int) -> None:
    """Its shares beyond the margin and within sum to 1."""
    values = np.random.default_rng(seeds).normal(0.05, 0.1, seeds)
    found = beliefs([*values], 0.1)
    assert found is not None
    posterior = stats.t(seeds - 1, loc=values.mean(), scale=stats.sem(values))
    assert found.better == pytest.approx(posterior.sf(0.1))
    assert found.worse == pytest.approx(posterior.cdf(-0.1))
    assert found.better + found.equal + found.worse == pytest.approx(1)


def test_of_a_loss_the_lower_arm_is_the_better_one() -> None:
    """The same differences, the other way round."""
    values = [0.3, 0.2, 0.25, 0.4]
    up, down = beliefs(values, 0.1), beliefs(values, 0.1, higher=False)
    assert up is not None
    assert down is not None
    assert (up.better, up.worse) == (down.worse, down.better)
    assert up.better > 0.9


@pytest.mark.parametrize("values", [[], [0.2], [0.2, 0.2, 0.2]])
def test_without_a_spread_there_is_no_posterior(values: list[float]) -> None:
    """One seed knows none, and equal differences are whole images that happen to agree."""
    assert beliefs(values, 0.1) is None


def test_one_study_in_twenty_of_equal_arms_is_at_95_percent_of_some_difference() -> None:
    """Which is what the page says of it: the probability that μ > 0 is one minus a p-value."""
    rng = np.random.default_rng(1)
    sure = [max(b.better, b.worse) for b in (beliefs([*rng.normal(0, 1, 5)], 1e-9) for _ in range(2000)) if b]
    assert np.mean(np.array(sure) > 0.975) == pytest.approx(0.05, abs=0.015)
