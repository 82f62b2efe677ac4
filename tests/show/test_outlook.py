from __future__ import annotations

import pytest

from normlab.show.outlook import farthest, more, span, vague, would_settle
from normlab.stats.outlook import Range


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [
        (4, 19, "4 to 19"),
        (1, 1, "1"),
        (60, 240, "60 to more than 100"),
        (12, None, "12 to more than 100"),
        (300, None, "more than 100"),
        (None, None, "more than 1,000"),
    ],
)
def test_a_range_is_said_in_few_words(low: int | None, high: int | None, said: str) -> None:
    """Beyond a hundred seeds nobody cares how many."""
    assert span(Range(low, high)) == said


def test_one_seed_is_one_seed() -> None:
    """And several are seeds."""
    assert (more(Range(1, 1)), more(Range(1, 2))) == ("1 more seed", "1 to 2 more seeds")


def test_a_range_that_says_nothing_is_said_to_say_nothing() -> None:
    """In words, with its ends behind them; a new study is not spoken of then."""
    assert vague(Range(4, None))
    assert not vague(Range(60, None))
    assert would_settle(Range(4, 300), "3 seeds", Range(5, 50)) == (
        "after 3 seeds nobody can say how many more would settle it (4 to more than 100)"
    )


def test_what_settles_a_pair_is_said_with_what_a_new_study_takes() -> None:
    """Where that is known."""
    assert would_settle(Range(4, 19), "5 seeds") == "4 to 19 more seeds would settle it"
    assert would_settle(Range(4, 19), "5 seeds", Range(8, 30)) == (
        "4 to 19 more seeds would settle it, or 8 to 30 in a new study"
    )


def test_several_pairs_take_as_many_as_the_farthest() -> None:
    """Beyond all where one is."""
    assert farthest([Range(2, 9), Range(5, 30)]) == Range(5, 30)
    assert farthest([Range(2, None), Range(5, 30)]) == Range(5, None)
