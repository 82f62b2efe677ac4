"""One-sided bounds that hold at every look: for the claim that two arms are equivalent."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate, stats

from normlab.stats import evidence, one_sided, sequential
from normlab.stats.looks import Looks
from normlab.stats.verdict import Kind, Rules, decide_by_interval, over_time

seeds_ = st.integers(2, 60)
levels = st.floats(0.6, 0.9999)


def log_ratio(t: float, seeds: int) -> float:
    """The logarithm of E₁ by the module's formula, for t on the near side."""
    return float(evidence.one_sided(evidence.two_sided(t, seeds), seeds))


@pytest.mark.parametrize("seeds", [2, 5, 12])
@pytest.mark.parametrize("t", [0.3, 2.0, 5.0])
@pytest.mark.slow
def test_the_ratio_is_that_of_effects_on_one_side(seeds: int, t: float) -> None:
    """Integrated over the half of a normal distribution: noncentral t distributions against Student's."""

    def of_an_effect(effect: float) -> float:
        prior = 2 * stats.norm.pdf(effect, scale=evidence.SCALE)
        return float(prior * stats.nct.pdf(t, seeds - 1, effect * math.sqrt(seeds)) / stats.t.pdf(t, seeds - 1))

    expected, _ = integrate.quad(of_an_effect, 0, 12 * evidence.SCALE)
    assert math.exp(log_ratio(t, seeds)) == pytest.approx(expected, rel=1e-5)


@given(seeds_, st.floats(0, 50), st.floats(0.001, 10))
def test_the_ratio_rises_with_t_and_lies_between_the_two_sided_one_and_twice_it(
    seeds: int, t: float, more: float
) -> None:
    """So a mean beyond one that is ruled out is ruled out too."""
    both = float(evidence.two_sided(t, seeds))
    assert both - 1e-9 <= log_ratio(t, seeds) <= both + math.log(2) + 1e-9
    assert log_ratio(t, seeds) <= log_ratio(t + more, seeds)


@given(seeds_, levels)
def test_a_bound_lies_between_two_intervals(seeds: int, level: float) -> None:
    """It is never farther than the two-sided interval at its level, and never nearer than that at twice the error."""
    found = one_sided.reach(seeds, level)
    assert found <= sequential.reach(seeds, level) * (1 + 1e-9)
    assert found >= sequential.reach(seeds, 2 * level - 1) * (1 - 1e-9) or level < 0.75


@pytest.mark.parametrize("level", [0.9, 0.955, 0.985, 0.999])
@pytest.mark.parametrize("most", [3, 10, 40])
@pytest.mark.slow
def test_a_bound_is_nearer_than_the_interval_up_to_a_last_seed_too(level: float, most: int) -> None:
    """Which is why a pair is wrong no more often for two ways of being so."""
    for seeds in range(2, most + 1):
        assert one_sided.reach(seeds, level, most) <= sequential.reach(seeds, level, most)


@pytest.mark.parametrize("looks", [Looks.up_to, Looks.always, Looks.grown])
@pytest.mark.parametrize("difference", [0.1, 0.12])
@pytest.mark.slow
def test_arms_that_differ_by_the_margin_are_rarely_equivalent_at_any_look(looks: Looks, difference: float) -> None:
    """Of 4,000 pairs that are looked at after each of 60 seeds, no more (and chance) than the error that there is."""
    rules = Rules(looks=looks, most=60)
    values = np.random.default_rng(8).normal(difference, 0.08, (4000, 60))
    kinds = decide_by_interval(*over_time(values, rules.confidence, rules), rules)
    error = 1 - rules.confidence
    wrong = np.mean(((kinds == Kind.equivalent) | (kinds == Kind.worse)).any(axis=1))
    assert wrong <= error + 2 * math.sqrt(error * (1 - error) / 4000)
    if looks is Looks.up_to and difference == rules.margin:
        assert wrong > error - 0.012  # and all of it is used


def test_equal_arms_are_settled_sooner_than_by_two_sided_intervals() -> None:
    """By one seed in ten at least."""
    values, rules = np.random.default_rng(1).normal(0, 0.08, (500, 60)), Rules(looks=Looks.always)
    differs, equal = over_time(values, 0.98, rules)
    taken = [(decide_by_interval(differs, each, rules) == Kind.open).sum(axis=1).mean() for each in (equal, differs)]
    assert taken[0] < 0.9 * taken[1]
