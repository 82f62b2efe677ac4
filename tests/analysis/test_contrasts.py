from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from scipy import stats

from normlab.analysis import judge
from normlab.records import Comparison
from normlab.spec import Judging
from normlab.stats.verdict import Kind

if TYPE_CHECKING:
    from comparisons import Make


def pairs(comparison: Comparison) -> dict[str, list[tuple[str, str]]]:
    """The pairs that are compared, by the factor that they differ in."""
    found: dict[str, list[tuple[str, str]]] = {}
    for question in judge(comparison):
        found.setdefault(question.factor, []).extend((one.first, one.second) for one in question.contrasts)
    return found


def test_only_arms_that_differ_in_one_thing_are_compared(make: Make) -> None:
    """Norms within one penalty, a penalty within one norm, and nothing across."""
    l1 = {"penalty.lambda": 1e-4}
    arms = [{"norm": "bn"}, {"norm": "ln"}, {"norm": "bn", **l1}, {"norm": "ln", **l1, "penalty.on": "all"}]
    assert pairs(make(arms=arms, seeds=1)) == {
        "norm": [("bn", "ln")],
        "penalty.lambda": [("bn + L1 0.0001", "bn"), ("ln + L1 0.0001 on all", "ln")],
    }


def test_preprocessings_are_compared_all_else_equal(make: Make) -> None:
    """Within one norm and one penalty; norms and penalties within one preprocessing, the arm's or the recipe's."""
    arms = [
        {"norm": "bn"},
        {"norm": "bn", "preprocess": "clahe"},
        {"norm": "ln", "preprocess": "standardize"},
        {"norm": "bn", "preprocess": "clahe", "penalty.lambda": 1e-4},
        {"norm": "bn", "preprocess": "standardize", "penalty.lambda": 1e-4},
        {"norm": "in", "preprocess": "stretch", "penalty.lambda": 1e-4},
    ]
    assert pairs(make(arms=arms, seeds=1)) == {
        "norm": [("bn + standardize", "ln + standardize")],
        "preprocess": [
            ("bn + standardize", "bn + clahe"),
            ("bn + clahe + L1 0.0001", "bn + standardize + L1 0.0001"),
        ],
        "penalty.lambda": [
            ("bn + standardize + L1 0.0001", "bn + standardize"),
            ("bn + clahe + L1 0.0001", "bn + clahe"),
        ],
    }


def test_the_main_job_asks_nine_things(six: Comparison) -> None:
    """Three pairs of norms without L1, three with, and L1 for each norm; none is easier than one of nine."""
    found = pairs(six)
    assert (len(found["norm"]), len(found["penalty.lambda"])) == (6, 3)
    intervals = [contrast.interval for question in judge(six) for contrast in question.contrasts]
    assert max(interval.level for interval in intervals if interval) == pytest.approx(1 - 0.045 / 9)


def test_intervals_agree_with_scipy(six: Comparison) -> None:
    """A contrast's interval is the paired t interval of the records' final accuracies, at its own level."""
    for question in judge(six):
        for contrast in question.contrasts:
            first, second = (
                [run.final.judged_accuracy for run in six.of(a)] for a in (contrast.first, contrast.second)
            )
            assert contrast.interval is not None
            theirs = stats.ttest_rel(first, second).confidence_interval(contrast.interval.level)
            assert (contrast.interval.low, contrast.interval.high) == pytest.approx((theirs.low, theirs.high))


def test_only_common_seeds_count(make: Make) -> None:
    """A seed that diverged in one arm is left out of the pair."""
    ((question),) = judge(make(arms=[{"norm": "bn"}, {"norm": "ln"}], diverged=[("ln", 1, 2)]))
    assert question.contrasts[0].seeds == (0, 2)


def test_a_verdict_does_not_get_easier_while_runs_are_missing(make: Make) -> None:
    """Every planned pair is counted, whether it has run or not: the first step is one of three."""
    arms = [{"norm": "bn"}, {"norm": "ln"}, {"norm": "in"}]
    errors = {"bn": 0.005, "ln": 0.1, "in": 0.1}
    (part,) = judge(make(arms=arms, errors=errors, seeds=4, missing=9))
    (first, *others) = part.contrasts
    assert (first.first, first.second, first.verdict.seeds) == ("bn", "ln", 1)
    assert all(contrast.verdict.kind is Kind.open for contrast in (first, *others))
    whole = judge(make(arms=arms, errors=errors, seeds=4))[0].contrasts
    levels = [contrast.interval.level for contrast in whole if contrast.interval]
    assert max(levels) == pytest.approx(1 - 0.045 / 3)


def test_equal_differences_conclude_nothing(make: Make) -> None:
    """An interval without width comes from counting whole images, so no arm wins by it."""
    ((question),) = judge(make(arms=[{"norm": "bn"}, {"norm": "ln"}], errors={"bn": 0.0, "ln": 0.0}))
    (contrast,) = question.contrasts
    assert contrast.interval is not None
    assert contrast.interval.width == 0
    assert contrast.verdict.kind is Kind.open


def test_one_seed_has_a_difference_and_no_interval(make: Make) -> None:
    """One pair says which was higher, and nothing of how sure that is."""
    ((question),) = judge(make(arms=[{"norm": "bn"}, {"norm": "ln"}], seeds=1, errors={"ln": 0.5}))
    (contrast,) = question.contrasts
    assert contrast.mean is not None
    assert contrast.interval is None
    assert contrast.verdict.kind is Kind.open


def test_the_study_says_what_matters(make: Make) -> None:
    """The same records are equivalent within a wide margin and open within a narrow one."""
    comparison = make(arms=[{"norm": "bn"}, {"norm": "ln"}], seeds=5)
    for margin, kind in ((5.0, Kind.equivalent), (0.001, Kind.open)):
        study = comparison.study.model_copy(update={"verdict": Judging(margin=margin)})
        (question,) = judge(replace(comparison, study=study))
        assert question.contrasts[0].verdict.kind is kind


def without(comparison: Comparison, *gone: tuple[str, int]) -> Comparison:
    """The same comparison before some runs have come in."""
    return replace(comparison, runs=[run for run in comparison.runs if (run.arm, run.seed) not in gone])


def test_where_one_may_look_a_later_seed_waits_for_an_earlier_one(make: Make) -> None:
    """Seeds count in their order, for the pairs of the arm that misses one; what waits is known, and for what."""
    whole = make(arms=[{"norm": norm} for norm in ("bn", "ln", "in")], seeds=8, until_settled=True)
    ((question),) = judge(without(whole, ("ln", 5)))
    found = {contrast.arms: (contrast.seeds, contrast.waiting, contrast.awaited) for contrast in question.contrasts}
    assert found["bn", "ln"] == ((0, 1, 2, 3, 4), (6, 7), 5)
    assert found["bn", "in"] == (tuple(range(8)), (), None)


def test_of_a_fixed_number_all_that_is_there_counts(make: Make) -> None:
    """Nothing is settled before the last seed, and the verdict on all of them knows no order."""
    whole = make(arms=[{"norm": "bn"}, {"norm": "ln"}], seeds=4)
    ((question),) = judge(without(whole, ("ln", 1)))
    (contrast,) = question.contrasts
    assert (contrast.seeds, contrast.waiting, contrast.awaited) == ((0, 2, 3), (), None)


def test_no_seed_waits_for_one_that_diverged(make: Make) -> None:
    """It has no accuracy and never will have one: it is left out, as everywhere."""
    arms = [{"norm": "bn"}, {"norm": "ln"}]
    ((question),) = judge(make(arms=arms, seeds=4, until_settled=True, diverged=[("ln", 1, 2)]))
    (contrast,) = question.contrasts
    assert (contrast.seeds, contrast.waiting) == ((0, 2, 3), ())


def test_seeds_have_the_order_of_the_study(make: Make) -> None:
    """Those that are added later come later, though their numbers may be smaller."""
    made = make(arms=[{"norm": "bn"}, {"norm": "ln"}], seeds=(5, 0, 3), until_settled=True)
    assert judge(made)[0].contrasts[0].seeds == (5, 0, 3)
    assert judge(without(made, ("bn", 0)))[0].contrasts[0].waiting == (3,)
