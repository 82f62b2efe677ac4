from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from normlab.stats import evidence, sequential


def e_value(values: np.ndarray, mean: float) -> float:
    """The likelihood ratio as `stats.evidence` has it."""
    n = len(values)
    t = (values.mean() - mean) * math.sqrt(n) / values.std(ddof=1)
    spread = 1 + n * evidence.SCALE**2
    return ((1 + t**2 / (n - 1)) / (1 + t**2 / ((n - 1) * spread))) ** (n / 2) / math.sqrt(spread)


@pytest.mark.parametrize("seeds", [7, 10, 20, 40])
def test_the_ends_are_where_the_e_value_says_so(seeds: int) -> None:
    """At both ends of an interval at 95 % the e-value of that mean is 1 / 0.05 = 20."""
    values = np.random.default_rng(seeds).normal(0.1, 1, seeds)
    half = sequential.reach(seeds, 0.95) * values.std(ddof=1)
    for end in (values.mean() - half, values.mean() + half):
        assert e_value(values, end) == pytest.approx(20)


@pytest.mark.slow
def test_the_e_value_is_one_on_average() -> None:
    """Under the hypothesis it bets against nothing is won: the mean over many samples is at most 1."""
    rng = np.random.default_rng(0)
    found = [e_value(rng.normal(0.3, 2, 6), 0.3) for _ in range(20_000)]
    assert 0.9 < np.mean(found) < 1.1


def test_few_seeds_rule_nothing_out() -> None:
    """Before the fifth or sixth seed no mean is excluded, so there is no interval."""
    assert sequential.sequence([1.0, 1.1, 1.2]) is None
    assert sequential.sequence([1.0]) is None
    assert math.isinf(sequential.reach(3, 0.95))
    assert sequential.reach(10, 0.95) < sequential.reach(10, 0.99) < math.inf


@given(st.lists(st.floats(-1, 1), min_size=8, max_size=20, unique=True))
def test_what_is_ruled_out_stays_so(values: list[float]) -> None:
    """The ends only move inwards as seeds come in."""
    low, high = sequential.bounds(values, 0.9)
    assert (np.diff(low[np.isfinite(low)]) >= 0).all()
    assert (np.diff(high[np.isfinite(high)]) <= 0).all()


def test_equal_differences_rule_nothing_out() -> None:
    """However many: whole images that agree do not show how far the next seed may lie."""
    assert sequential.sequence([0.1] * 30) is None


def test_looking_after_every_seed_is_allowed() -> None:
    """Of 4,000 samples of 60 with mean 0 at most 5 % (and chance) ever exclude 0."""
    values = np.random.default_rng(3).normal(0, 0.1, (4000, 60))
    low, high = sequential.bounds(values, 0.95)
    assert ((low[:, -1] > 0) | (high[:, -1] < 0)).mean() < 0.057


@given(st.lists(st.floats(-3, 3).map(lambda x: round(x, 2)), min_size=2, max_size=25), st.floats(0.5, 0.999))
def test_the_p_value_is_below_1_minus_a_level_where_the_sequence_excludes_0(values: list[float], level: float) -> None:
    """Both are the same statement about the largest e-value so far."""
    p = sequential.p_value(values)
    low, high = sequential.bounds(values, level)
    if not math.isclose(p, 1 - level, rel_tol=1e-6):
        assert (p < 1 - level) == bool(low[-1] > 0 or high[-1] < 0)


@pytest.mark.parametrize("values", [[0.3], [0.2, 0.2, 0.2], [0.0, 0.0]])
def test_the_p_value_of_no_spread_is_one(values: list[float]) -> None:
    """As in a test at a fixed number of seeds."""
    assert sequential.p_value(values) == 1


@pytest.mark.slow
def test_the_p_value_holds_however_often_one_looks() -> None:
    """Of 400 pairs of equal arms, each looked at up to 30 seeds, at most 5 % ever have one below 0.05."""
    rng = np.random.default_rng(5)
    assert np.mean([sequential.p_value(rng.normal(0, 1, 30)) <= 0.05 for _ in range(400)]) <= 0.05
