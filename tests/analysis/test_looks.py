from __future__ import annotations

import pytest

from normlab.analysis.looks import at, grown_after, kind, rules
from normlab.records import Look
from normlab.spec import Study, design
from normlab.stats.looks import Looks


def study(seeds: int = 3, *, until_settled: bool = False) -> Study:
    return design(norms=["bn", "ln"], seeds=seeds, until_settled=until_settled)


def look(seen: Study, seeds: tuple[int, ...], how: str = "once") -> Look:
    """A look at all arms of a study."""
    return Look("compare", "2026-01-02", seeds, how, 1, tuple(arm.recipe.digest for arm in seen.arms))


def test_a_number_that_was_fixed_beforehand_is_judged_once() -> None:
    """Nobody looked, or only at the very same seeds."""
    assert kind(study(), []) is Looks.once
    assert kind(study(), [look(study(), (0, 1, 2))]) is Looks.once
    assert grown_after(study(), [look(study(), (0, 1, 2))]) is None


@pytest.mark.parametrize("seeds", [(0, 1), (0, 1, 2, 3)])
def test_who_looked_and_then_changed_the_seeds_has_grown(seeds: tuple[int, ...]) -> None:
    """Seeds that were added, and seeds that were left out; what was first seen is told."""
    first = look(study(), seeds)
    assert kind(study(), [first]) is Looks.grown
    assert grown_after(study(), [first]) == first


def test_a_study_that_may_be_looked_at_names_the_most_seeds_that_it_takes() -> None:
    """It said so from the start; grown out of one that was judged once, it has what that left."""
    settling = study(until_settled=True)
    assert kind(settling, []) is Looks.up_to
    assert kind(settling, [look(settling, (0, 1, 2), "up to")]) is Looks.up_to
    assert kind(settling, [look(settling, (0, 1))]) is Looks.grown
    assert (rules(settling).confidence, rules(settling).ceiling) == (pytest.approx(0.955), 3)
    grown = rules(settling, [look(settling, (0, 1))])
    assert (grown.confidence, grown.ceiling) == (pytest.approx(0.995), None)


@pytest.mark.parametrize("most", [2, 5])
def test_another_last_seed_than_was_named_is_growth(most: int) -> None:
    """More of them, or fewer: a boundary that knows its last seed is easier to reach the sooner that comes."""
    seen = look(study(), tuple(range(most)), "up to")
    assert kind(study(until_settled=True), [seen]) is Looks.grown
    assert kind(study(), [seen]) is Looks.grown
    assert grown_after(study(until_settled=True), [seen]) == seen


def test_looks_that_named_no_end_go_on_without_one() -> None:
    """They had all of the error, and other rules now would spend it again."""
    settling = study(until_settled=True)
    assert kind(settling, [look(settling, (0, 1), "always")]) is Looks.always
    assert rules(settling, [look(settling, (0, 1), "always")]).ceiling is None


def test_looks_at_something_else_do_not_count() -> None:
    """One arm in common makes no pair, and other seeds have told nothing."""
    other = look(design(norms=["bn", "in"], seeds=2), (0, 1))
    assert at([other, look(study(), (0, 1))], study().digests) == [look(study(), (0, 1))]
    assert kind(study(), [look(study(), (7, 8))]) is Looks.once


def test_another_name_does_not_hide_a_look() -> None:
    """What was seen is known by its recipes, whatever the study was called that showed it."""
    seen = look(study(), (0, 1))
    renamed = Look("other", seen.when, seen.seeds, seen.rules, seen.pairs, seen.arms)
    assert kind(study(), [renamed]) is Looks.grown
