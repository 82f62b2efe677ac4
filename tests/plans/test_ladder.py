from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from normlab.errors import SpecError
from normlab.plans.ladder import ladder, value


@given(top=st.floats(1e-4, 1e4), points=st.integers(2, 30))
def test_a_ladder_ends_at_the_first_rung_that_is_large_enough(top: float, points: int) -> None:
    """So many rising values, of which the last reaches the top and the one before does not."""
    found = ladder(top, points)
    assert len(found) == points
    assert found == sorted(set(found))
    assert found[-1] >= top * (1 - 1e-9) > found[-2]


def test_the_courses_values_are_on_the_ladder() -> None:
    """By default it reaches down to the smallest λ that the course tried."""
    assert ladder(0.02) == [1e-5, 3e-5, 1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2]
    assert [value(rung) for rung in (-1, 0, 1, 2)] == [0.3, 1, 3, 10]


def test_a_small_top_still_gives_a_path() -> None:
    """At least two values, whatever the top."""
    assert ladder(1e-6) == [3e-7, 1e-6]


def test_one_point_is_no_path() -> None:
    """The error says how many it takes."""
    with pytest.raises(SpecError, match="at least 2, got 1"):
        ladder(1.0, 1)
