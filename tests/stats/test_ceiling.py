"""How much evidence is enough where the last seed was named from the start."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from normlab.stats import ceiling, sequential
from normlab.stats.intervals import half_width


@pytest.mark.parametrize(("level", "most"), [(0.95, 10), (0.95, 40), (0.985, 40)])
@pytest.mark.slow
def test_all_of_the_error_is_used_and_no_more(level: float, most: int) -> None:
    """Of 20,000 studies of equal arms: the share that ever excludes 0 is the error, but for chance."""
    values = np.random.default_rng(most).standard_normal((20_000, most))
    low, high = sequential.bounds(values, level, most)
    wrong = np.mean((low[:, -1] > 0) | (high[:, -1] < 0))
    assert wrong == pytest.approx(1 - level, abs=4 * math.sqrt(level * (1 - level) / 20_000))


@pytest.mark.parametrize("level", [0.9, 0.95, 0.985])
def test_one_look_is_students_test(level: float) -> None:
    """Where two seeds are the first and the last, nothing is paid for looking."""
    assert sequential.reach(2, level, 2) == pytest.approx(half_width(2, level), rel=0.05)
    one_sided = stats.t.ppf(level, 1) / math.sqrt(2)
    assert math.exp(-ceiling.enough(level, 2, one_sided=True)) > 1 - level
    assert one_sided < half_width(2, level)


@pytest.mark.parametrize("one_sided", [True, False])
@pytest.mark.slow
def test_the_later_the_last_seed_the_more_is_enough(one_sided: bool) -> None:
    """And never more than where nobody has named one."""
    found = [ceiling.enough(0.98, most, one_sided=one_sided) for most in (5, 20, 100, 500)]
    assert found == sorted(found)
    assert found[-1] < ceiling.enough(0.98, None) == pytest.approx(math.log(50))


def test_the_same_study_has_the_same_boundary() -> None:
    """Draws have a seed of their own."""
    first = ceiling.enough(0.95, 12)
    ceiling.enough.cache_clear()
    ceiling._paths.cache_clear()
    assert ceiling.enough(0.95, 12) == first


@pytest.mark.parametrize("most", [1, 2, 3])
def test_few_seeds_have_a_number(most: int) -> None:
    """Also where the evidence that is asked of an endless study cannot be reached."""
    assert 0 <= ceiling.enough(0.9999, most) < math.inf
    assert math.isinf(sequential.reach(1, 0.95, most))
