from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from normlab.analysis.arms import Estimate
from normlab.show import numbers


@pytest.mark.parametrize(
    ("value", "written"),
    [(99.314, "99.31"), (-0.04, "−0.04"), (-0.001, "0.00"), (12345.678, "12,345.68"), (None, "–"), (math.nan, "–")],
)
def test_fixed(value: float | None, written: str) -> None:
    """Two decimals, a real minus sign, no minus zero, a dash for what is not defined."""
    assert numbers.fixed(value) == written


@pytest.mark.parametrize(
    ("value", "written"), [(0.0312, "+0.031"), (-0.0312, "−0.031"), (0.0001, "0.000"), (math.inf, "–")]
)
def test_signed(value: float, written: str) -> None:
    """A difference has its sign unless it is zero at this precision."""
    assert numbers.signed(value) == written


@given(st.floats() | st.none())
def test_no_number_is_written_as_nan_or_infinity(value: float | None) -> None:
    """Whatever comes, no reader meets nan or inf."""
    for written in (numbers.fixed(value), numbers.signed(value), numbers.percent(value)):
        assert "n" not in written


@pytest.mark.parametrize(
    ("values", "written"), [((99.2, 99.4), "99.30 ± 0.14"), ((99.2,), "99.20"), ((99.2, 99.2), "99.20 ± 0.00")]
)
def test_an_estimate_has_a_spread_from_two_seeds_on(values: tuple[float, ...], written: str) -> None:
    """One seed has a mean and nothing beside it."""
    assert numbers.estimate(Estimate(values)) == written


@pytest.mark.parametrize(
    ("seconds", "written"),
    [(8.31, "8.3 s"), (59.96, "1 min 0 s"), (725, "12 min 5 s"), (3599.7, "1 h 0 min"), (12000, "3 h 20 min")],
)
def test_duration(seconds: float, written: str) -> None:
    """The two units that matter, never 60 of the smaller one."""
    assert numbers.duration(seconds) == written


def test_words() -> None:
    """Counts, lists and ranges read as English."""
    assert (numbers.plural(1, "seed"), numbers.plural(3, "seed")) == ("1 seed", "3 seeds")
    assert (numbers.listing(["bn"]), numbers.listing(["bn", "ln", "gn"])) == ("bn", "bn, ln and gn")
    assert (numbers.between([0.2, 0.1]), numbers.between([0.101, 0.1])) == ("0.10 to 0.20", "0.10")
    assert (numbers.span([4, 3, 5]), numbers.span([4]), numbers.span([])) == ("3–5", "4", "–")
