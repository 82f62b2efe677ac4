from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from normlab.analysis import judge
from normlab.analysis.across import Across, across
from normlab.records import Comparison, Look
from normlab.stats.looks import Looks
from normlab.stats.verdict import Kind

if TYPE_CHECKING:
    from comparisons import Make

TWO = [{"norm": "bn"}, {"norm": "ln"}]
LABELS = ("one", "two", "three")


def suite(make: Make, *errors: Mapping[str, float], **more: Any) -> list[Comparison]:
    """Comparisons of two arms on as many data sets, by the arms' error rates on each."""
    return [make(arms=TWO, images=2_000, errors=dict(each), **{"seeds": 6, **more}) for each in errors]


def judged(comparisons: list[Comparison]) -> Across:
    return across(LABELS[: len(comparisons)], comparisons)


@pytest.mark.slow
def test_over_all_a_seed_has_the_mean_of_its_differences(make: Make) -> None:
    """Of one pair on three data sets; each keeps its own differences."""
    found = judged(suite(make, {"ln": 0.02}, {"ln": 0.03}, {"ln": 0.04}))
    (pair,) = found.pairs
    by_data = [one.differences for one in pair.on.values()]
    assert pair.everywhere.differences == pytest.approx([sum(each) / 3 for each in zip(*by_data, strict=True)])
    assert pair.everywhere.verdict.kind is Kind.better
    assert pair.like is not None
    assert len(pair.changes) == 3


def test_on_each_data_set_verdicts_are_corrected_over_all_pairs_and_data_sets(make: Make) -> None:
    """So each interval is at least as wide as in the study alone."""
    comparisons = suite(make, {"ln": 0.009}, {"ln": 0.0085}, {})
    (pair,) = judged(comparisons).pairs
    for one, comparison in zip(pair.on.values(), comparisons, strict=True):
        ((alone,),) = (question.contrasts for question in judge(comparison))
        assert one.differences == alone.differences
        assert one.interval is not None
        assert alone.interval is not None
        assert one.interval.width >= alone.interval.width


def test_an_arm_that_is_better_here_and_worse_there_makes_the_ranking_depend_on_the_data(make: Make) -> None:
    """The change is established by differences of differences, paired by seed."""
    (pair,) = judged(suite(make, {"ln": 0.02}, {"bn": 0.02})).pairs
    assert [one.verdict.kind for one in pair.on.values()] == [Kind.better, Kind.worse]
    (change,) = pair.changes
    assert (change.here, change.there) == ("one", "two")
    assert change.verdict.kind is Kind.better
    assert pair.like is None


def test_seeds_that_one_data_set_lacks_are_no_part_of_what_is_said_over_all(make: Make) -> None:
    """They stay on the others."""
    comparisons = suite(make, {"ln": 0.02}, {"ln": 0.03})
    comparisons[1] = replace(comparisons[1], runs=comparisons[1].runs[:-4])
    (pair,) = judged(comparisons).pairs
    assert [len(one.seeds) for one in pair.on.values()] == [6, 4]
    assert pair.everywhere.seeds == (0, 1, 2, 3)


def test_an_arm_that_failed_alone_on_one_data_set_is_not_better_over_all(make: Make) -> None:
    """Nor has it a probability to be so."""
    comparisons = suite(make, {"ln": 0.02}, {"ln": 0.03})
    comparisons[0] = make(arms=TWO, seeds=6, images=2_000, errors={"ln": 0.02}, diverged=[("bn", 1, 2)])
    (pair,) = judged(comparisons).pairs
    assert pair.everywhere.verdict.kind is Kind.withheld
    assert pair.everywhere.verdict.withheld is Kind.better
    assert (pair.believed, pair.believed_like) == (None, None)
    assert pair.changes[0].verdict.kind in (Kind.withheld, Kind.open)


def test_a_look_at_one_data_set_is_a_look_at_all(make: Make) -> None:
    """Who added seeds after it is judged by the rules that allow that, over all too."""
    comparisons = suite(make, {}, {})
    look = Look("x", "2026-01-01", (0, 1, 2), "once", 1, ("a", "b"))
    assert judged(comparisons).rules.looks is Looks.once
    comparisons[1] = replace(comparisons[1], looks=[look])
    assert judged(comparisons).rules.looks is Looks.grown


def test_without_a_run_there_is_nothing_to_say(make: Make) -> None:
    """And nothing fails."""
    comparisons = [replace(each, runs=()) for each in suite(make, {}, {}, {})]
    (pair,) = judged(comparisons).pairs
    assert pair.everywhere.seeds == ()
    assert pair.everywhere.mean is None
    assert pair.like is None
