from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from normlab.stats.collapse import CHANCE, collapsed

usual = [99.41, 99.45, 99.38, 99.5, 99.43, 99.36, 99.47, 99.4, 99.44]
scores = st.lists(st.integers(0, 10_000).map(lambda right: right / 100), min_size=1, max_size=14)


def test_a_seed_that_loses_a_point_is_found() -> None:
    """Among nine that differ by a tenth; the others are none."""
    assert collapsed([*usual, 98.4]).tolist() == [False] * 9 + [True]


def test_several_do_not_hide_each_other() -> None:
    """Three of ten are far below, each at a depth of its own: an ordinary spread would be as wide as they are."""
    assert collapsed([*usual[:7], 98.4, 97.9, 10.0]).tolist() == [False] * 7 + [True] * 3


def test_as_many_that_lose_the_same_are_found_up_to_half() -> None:
    """Five of ten; where most are low, these are what the arm is, and the few that are not stand above."""
    low = [98.41, 98.45, 98.38, 98.5, 98.43]
    assert collapsed([*usual[:5], *low]).tolist() == [False] * 5 + [True] * 5
    assert not collapsed([*usual[:4], *low]).any()


def test_the_usual_spread_is_no_collapse() -> None:
    """However it looks: the lowest of nine is the lowest of nine."""
    assert not collapsed(usual).any()


def test_a_long_lower_tail_is_no_collapse() -> None:
    """However significant its end may be: it lies no further below the others than these lie apart."""
    tail = [99.5, 99.5, 99.49, 99.48, 99.47, 99.46, 99.45, 99.43, 99.4, 99.35, 99.2]
    assert not collapsed(tail).any()
    assert collapsed([*tail[:-1], 98.4]).tolist() == [False] * 10 + [True]


def test_what_loses_less_than_matters_is_no_collapse() -> None:
    """A run that is far below by its spread, and by less than the margin."""
    steady = [99.4, 99.401, 99.399, 99.4005, 99.3995, 99.4, 99.35]
    assert collapsed(steady).any()
    assert not collapsed(steady, least=0.1).any()


@pytest.mark.parametrize("few", [[], [99.0], [99.0, 10.0], [99.0, 99.0, 99.0, 10.0]])
def test_where_nothing_can_be_told_nothing_is(few: list[float]) -> None:
    """Of fewer than three runs, and where the others are equal: they show no spread."""
    assert not collapsed(few).any()


@given(st.data())
def test_the_order_of_seeds_plays_no_part(data: st.DataObject) -> None:
    """Each score is told the same wherever it stands; equal ones are told alike."""
    values = data.draw(scores)
    told = dict(zip(values, collapsed(values).tolist(), strict=True))
    other = data.draw(st.permutations(values))
    assert collapsed(other).tolist() == [told[value] for value in other]


@given(scores)
def test_at_most_half_collapse_and_they_are_the_lowest(values: list[float]) -> None:
    """Whatever the scores are."""
    low = collapsed(values)
    assert 2 * low.sum() <= len(values)
    if low.any():
        assert np.array(values)[low].max() < np.array(values)[~low].min()


def test_arms_are_told_apart_from_each_other() -> None:
    """A row of many is told as it is alone."""
    rows = np.random.default_rng(0).normal(99.4, 0.06, (50, 8)) - (np.random.default_rng(1).random((50, 8)) < 0.1)
    assert np.array_equal(collapsed(rows, 0.1), [collapsed(row, 0.1) for row in rows])


@pytest.mark.parametrize("seeds", [3, 5, 10, 30])
@pytest.mark.slow
def test_an_arm_of_one_kind_is_seldom_told_to_have_collapsed(seeds: int) -> None:
    """Normal scores: in at most the share of arms that is promised."""
    found = collapsed(np.random.default_rng(seeds).normal(size=(20_000, seeds))).any(axis=-1)
    assert found.mean() < CHANCE


def test_one_run_alone_is_told_by_students_distribution() -> None:
    """One below four: Student's quantile with three degrees of freedom, of `CHANCE` over 2 spreads, 2 k and 5 sets."""
    rest = [99.40, 99.43, 99.37, 99.44]
    spread, mean = np.std(rest, ddof=1), np.mean(rest)
    far = stats.t.isf(CHANCE / 20, 3) * spread * np.sqrt(1 + 1 / 4)
    assert collapsed([*rest, mean - 1.001 * far]).any()
    assert not collapsed([*rest, mean - 0.9 * min(far, stats.t.isf(CHANCE / 20, 3) * spread)]).any()
