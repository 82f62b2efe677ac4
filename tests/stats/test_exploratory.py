from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from normlab.stats.exploratory import Asked, explore
from normlab.stats.looks import Looks
from normlab.stats.verdict import Rules

ALWAYS = Rules(looks=Looks.always)


def test_each_is_the_paired_t_test_corrected_for_all() -> None:
    """Of two comparisons the smaller p is doubled; one without a seed counts as well."""
    rng = np.random.default_rng(0)
    values = rng.normal(1, 1, 8)
    (alone,) = explore([Asked(tuple(values))], Rules())
    assert alone.p == pytest.approx(stats.ttest_1samp(values, 0).pvalue)
    assert alone.mean == pytest.approx(values.mean())
    found, nothing = explore([Asked(tuple(values)), Asked(())], Rules())
    assert found.p == pytest.approx(2 * alone.p)
    assert (nothing.mean, nothing.interval, nothing.p, nothing.stands, nothing.ahead) == (None, None, 1, False, (0, 0))
    assert explore([], Rules()) == ()


@given(st.lists(st.lists(st.integers(-9, 9), min_size=0, max_size=12), min_size=1, max_size=6), st.booleans())
def test_an_interval_excludes_zero_where_the_difference_stands(values: list[list[float]], looking: bool) -> None:
    """The interval is at the step of the correction that decides."""
    for one in explore([Asked(tuple(each)) for each in values], ALWAYS if looking else Rules()):
        excludes = one.interval is not None and one.interval.width > 0 and one.interval.excludes(0)
        assert one.stands == excludes


def test_what_never_got_there_counts_as_more_than_all() -> None:
    """Six of eight seeds of the first arm never got there, of the second all: Wilcoxon's test, no mean, no interval."""
    values = [math.inf] * 6 + [2.0, -1.0]
    (found,) = explore([Asked(tuple(values))], Rules())
    assert found.p == pytest.approx(stats.wilcoxon([50.0] * 6 + [2.0, -1.0], method="exact").pvalue, abs=0.02)
    assert (found.mean, found.interval, found.ahead, found.higher) == (None, None, (7, 1), True)
    assert explore([Asked((math.inf,) * 150 + (1.0,) * 20)], Rules())[0].p < 1e-6


def test_who_looks_has_a_coin_where_runs_never_got_there() -> None:
    """Ten of ten seeds on one side: the likelihood ratio 2¹⁰ / 11."""
    (found,) = explore([Asked((math.inf, *[3.0] * 9), open_ended=True)], ALWAYS)
    assert found.p == pytest.approx(11 / 2**10)
    (known,) = explore([Asked((2.0,) * 10, open_ended=True)], ALWAYS)
    assert (known.p, known.mean, known.interval) == (found.p, 2.0, None)
    assert not explore([Asked((-math.inf, 0.0), open_ended=True)], ALWAYS)[0].higher


def test_one_seed_shows_nothing() -> None:
    """A difference, and no evidence."""
    (found,) = explore([Asked((0.4,))], Rules())
    assert (found.mean, found.interval, found.p, found.higher) == (0.4, None, 1, True)


@pytest.mark.long
@pytest.mark.parametrize("looks", [Looks.once, Looks.always])
@pytest.mark.parametrize("kind", ["normal", "skewed", "never there"])
def test_of_equal_arms_something_stands_in_at_most_one_study_of_twenty(looks: Looks, kind: str) -> None:
    """600 studies of 3 arms and 6 outcomes that hang together, on 10 seeds: all 18 comparisons of a study count as one.

    Monte Carlo's error is 0.9 points at 5 %. Who looks does so after every seed.
    """
    rng, rules, wrong = np.random.default_rng(8), Rules(looks=looks), 0
    studies = 600 if looks is Looks.once else 150
    for _ in range(studies):
        arms = _arms(rng, kind)
        pairs = [(arms[a, o], arms[b, o]) for a, b in ((0, 1), (0, 2), (1, 2)) for o in range(6)]
        told = [[0.0 if x == y else x - y for x, y in zip(*pair, strict=True)] for pair in pairs]
        seen = [10] if looks is Looks.once else range(2, 11)
        wrong += any(
            one.stands
            for n in seen
            for one in explore([Asked(tuple(pair[:n]), kind == "never there") for pair in told], rules)
        )
    assert wrong / studies <= 0.05 + 0.009


def _arms(rng: np.random.Generator, kind: str) -> np.ndarray:
    """Scores of (arms, outcomes, seeds): what a seed does to all outcomes, and each outcome's own chance."""
    shared = rng.normal(0, 1, (3, 1, 10))
    scores = shared + rng.normal(0, 0.7, (3, 6, 10))
    if kind == "skewed":
        scores = np.exp(scores)
    if kind == "never there":
        scores = np.where(scores > 0.8, np.inf, np.round(3 * scores))
    return scores
