"""How many more seeds: a range that holds four times out of five, by the boundary itself."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from normlab.stats import outlook
from normlab.stats.growing import Growing
from normlab.stats.looks import Looks
from normlab.stats.verdict import Kind, Rules, decide_by_interval, over_time

MARGIN, LEVEL = 0.1, 0.98
values = st.lists(st.integers(-40, 40).map(lambda images: images / 100), min_size=2, max_size=12, unique=True)


def settled(differences: np.ndarray, most: int | None = None) -> np.ndarray:
    """Whether a pair is settled after each number of seeds."""
    rules = Rules(margin=MARGIN, looks=Looks.up_to if most else Looks.always, most=most)
    return decide_by_interval(*over_time(differences, LEVEL, rules), rules) != Kind.open


@pytest.mark.parametrize("most", [None, 120])
@pytest.mark.parametrize("seeds", [3, 6])
@pytest.mark.parametrize("difference", [0.0, 0.05, 0.15])
@pytest.mark.slow
def test_the_number_that_was_needed_lies_in_the_range(seeds: int, difference: float, most: int | None) -> None:
    """In four of five of 300 studies that are open after a few seeds, whatever the true difference is."""
    studies = np.random.default_rng(seeds).normal(difference, 0.08, (300, 120))
    ends = settled(studies, most)
    inside = []
    for study, end in zip(studies[~ends[:, seeds - 1]], ends[~ends[:, seeds - 1]], strict=True):
        told = Growing(tuple(study[:seeds]), MARGIN, LEVEL, most).range
        needed = end[seeds:].argmax() + 1 if end.any() else np.inf
        inside.append((told.low or np.inf) <= needed <= (told.high or np.inf))
    assert np.mean(inside) > 0.8 - 2 * np.sqrt(0.8 * 0.2 / len(inside))


def test_the_chance_is_that_of_seeds_drawn_one_by_one() -> None:
    """By another way: each possible truth gets its own seeds, which are judged as a study's are."""
    known = (0.05, -0.08, 0.11, 0.02, -0.01, 0.09)
    delta, sigma = outlook.possible(len(known), float(np.mean(known)), float(np.std(known, ddof=1)))
    to_come = np.random.default_rng(0).normal(delta[:, None], sigma[:, None], (len(delta), 20))
    drawn = np.concatenate([np.tile(known, (len(delta), 1)), to_come], axis=1)
    assert Growing(known, MARGIN, LEVEL).within(20) == pytest.approx(settled(drawn)[:, -1].mean(), abs=0.05)


def test_most_of_what_may_be_so_is_within_the_range() -> None:
    """What it leaves out is little at either end."""
    pair = Growing((0.05, -0.08, 0.11, 0.02, -0.01, 0.09), MARGIN, LEVEL)
    found = pair.range
    assert found.low is not None
    assert found.high is not None
    assert pair.within(found.low - 1) <= outlook.BEYOND
    assert pair.within(found.high) >= 1 - outlook.BEYOND


@given(values, st.integers(1, 200))
@pytest.mark.long
def test_the_sign_and_the_unit_do_not_matter(differences: list[float], seeds: int) -> None:
    """A margin in another unit with differences in it has the same chances; so has the pair turned round, nearly."""
    pair = Growing(tuple(differences), MARGIN, LEVEL)
    scaled = Growing(tuple(1024 * each for each in differences), 1024 * MARGIN, LEVEL)
    turned = Growing(tuple(-each for each in differences), MARGIN, LEVEL)
    assert scaled.within(seeds) == pair.within(seeds)
    assert abs(turned.within(seeds) - pair.within(seeds)) < 0.1
    assert pair.within(seeds) <= pair.within(seeds + 1)


def test_the_same_differences_have_the_same_range() -> None:
    """Draws have a seed of their own."""
    assert Growing((0.1, 0.0), MARGIN, LEVEL).range == Growing((0.1, 0.0), MARGIN, LEVEL).range


def test_two_seeds_say_next_to_nothing() -> None:
    """Their spread may be far from the true one, so the range is wide."""
    found = Growing((0.1, -0.05), MARGIN, LEVEL).range
    assert found.low is not None
    assert found.high is None or found.high > 10 * found.low


def test_after_the_last_seed_that_was_named_it_takes_more() -> None:
    """Up to there less evidence is enough than without an end, and beyond it more: the study has grown."""
    pair, known = (Growing((0.05, -0.08, 0.11, 0.02, -0.01, 0.09), MARGIN, LEVEL, most) for most in (None, 20))
    assert known.within(14) > pair.within(14) + 0.1
    assert known.within(15) == known.within(14)
    assert known.within(60) - known.within(14) < pair.within(60) - pair.within(14)
