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
