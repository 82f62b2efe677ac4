"""Where the variance comes from, in words: an answer first, and no more than the intervals carry."""

from __future__ import annotations

import numpy as np

from normlab.analysis.sources import Component, Shared, Sourced, Sources
from normlab.report.words import sources as words
from normlab.stats.components import Part
from normlab.stats.intervals import Interval


def part(value: float, low: float, high: float) -> Part:
    return Part(value, Interval(low, high, 0.95))


def component(source: str, share: Part | None, seeds: int = 8) -> Component:
    return Component(source, seeds, part(0.1, 0.06, 0.2), share)


def arm(
    *parts: Component, left: Part | None = None, leader: str | None = None, name: str = "bn", seeds: int = 8
) -> Sourced:
    return Sourced(name, component("", None, seeds), parts, (), left, leader, 0.1)


def answers(*arms: Sourced, pairs: tuple[Shared, ...] = ()) -> list[str]:
    return [*words.answers(Sources(arms, pairs, (), 0, 0.95))]


INIT, ORDER = component("init", part(0.1, 0.05, 0.2)), component("order", part(0.61, 0.4, 0.78))
BOTH = Shared("bn", "ln", "", 8, 0.4, part(0.35, -0.1, 0.6))


def test_the_answer_comes_first() -> None:
    """Which source brings most, its share with an interval, and what pairing removes."""
    assert answers(arm(INIT, ORDER, leader="order"), pairs=(BOTH,)) == [
        "Most of the variance between seeds of bn comes from the order of batches (61% (40 to 78)); pairing removes "
        "35% (−10 to 60) of it."
    ]


def test_a_leader_below_a_half_is_the_largest_part() -> None:
    """Most is more than half."""
    (told,) = answers(arm(component("order", part(0.4, 0.2, 0.5)), INIT, leader="order"))
    assert told.startswith("The largest part of the variance between seeds of bn comes from the order of batches")


def test_what_overlaps_is_not_decided() -> None:
    """All shares are told instead."""
    (told,) = answers(arm(INIT, ORDER))
    assert told == (
        "Not enough seeds to say which source brings most of the variance between seeds of bn: initial weights "
        "10% (5 to 20) and order of batches 61% (40 to 78)."
    )


def test_fewer_than_five_seeds_say_nothing() -> None:
    """However clear they look, of the pair as well."""
    few = component("order", part(0.9, 0.8, 1.0), seeds=4)
    (told,) = answers(arm(few, leader="order"), pairs=(Shared("bn", "ln", "", 4, 0.4, BOTH.removed),))
    assert told == "Not enough seeds to say where the variance of bn comes from: 4, and it takes 5."


def test_shares_beyond_the_whole_are_interactions() -> None:
    """No number of seeds would name one source there."""
    (told,) = answers(arm(component("init", part(0.9, 0.6, 1.4)), ORDER, left=part(-0.51, -1.2, -0.2)))
    assert told.startswith("No source stands out in the variance between seeds of bn: initial weights 90% (60 to 140)")
    assert told.endswith("The shares add up to 151% (120 to 220): sources interact, or bring more at the held seed.")


def test_what_is_left_over_is_told_where_it_is_beyond_doubt() -> None:
    """And not otherwise."""
    assert answers(arm(INIT, left=part(0.9, 0.8, 0.95)))[0].endswith("No source by itself brings 90% (80 to 95) of it.")
    assert "by itself" not in answers(arm(INIT, left=part(0.1, -0.2, 0.3)))[0]


def test_with_several_pairs_pairing_is_a_range() -> None:
    """By the pair."""
    other = Shared("gn:4", "bn", "", 8, 0.1, part(-0.03, -0.5, 0.5))
    assert "; pairing removes −3 to 35% of it, by the pair." in answers(arm(INIT), pairs=(BOTH, other))[0]


def test_seeds_that_end_alike_have_nothing_to_explain() -> None:
    """A total of zero has no shares."""
    assert answers(arm(component("init", None), component("order", None))) == [
        "All seeds of bn end alike, so there is no variance to explain."
    ]


def test_numbers_far_beyond_the_whole_are_rounded_off() -> None:
    """An upper end of a thousand times says no more than that it is open."""
    assert words.percent(part(2, 0.1, np.inf)) == "200% (10 to over 10,000)"
