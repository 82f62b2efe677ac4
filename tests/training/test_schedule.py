from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from normlab.spec import Schedule
from normlab.training.schedule import rate

CYCLE = Schedule(kind="one-cycle", warmup=0.2, final=0.01)


def test_constant_stays() -> None:
    """A constant schedule gives the peak at every step."""
    assert {rate(Schedule(), 0.01, step, 100) for step in range(100)} == {0.01}


def test_one_cycle_rises_to_its_peak_and_falls_to_its_end() -> None:
    """One-cycle starts at peak / 25, peaks at the end of the warm-up and ends at peak · final in the last step."""
    rates = [rate(CYCLE, 0.5, step, 100) for step in range(100)]
    assert rates[0] == pytest.approx(0.02)
    assert max(rates) == rates[20] == pytest.approx(0.5)
    assert rates[-1] == pytest.approx(0.005)
    assert rates[:21] == sorted(rates[:21])
    assert rates[20:] == sorted(rates[20:], reverse=True)


@given(steps=st.integers(1, 60), warmup=st.floats(0, 0.99), final=st.floats(0, 1))
def test_rates_stay_between_zero_and_the_peak(steps: int, warmup: float, final: float) -> None:
    """No length, warm-up or end leads out of 0 to peak."""
    schedule = Schedule(kind="one-cycle", warmup=warmup, final=final)
    assert all(0 <= rate(schedule, 1.0, step, steps) <= 1 + 1e-12 for step in range(steps))
