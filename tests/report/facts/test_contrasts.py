from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from scipy import stats

from normlab.records import Comparison
from normlab.report.facts import contrasts

if TYPE_CHECKING:
    from conftest import Make


def pairs(comparison: Comparison) -> dict[str, list[tuple[str, str]]]:
    """The pairs that are compared, by what they are about."""
    found: dict[str, list[tuple[str, str]]] = {"norm": [], "l1": []}
    for question in contrasts.questions(comparison):
        found[question.about] += [(contrast.first, contrast.second) for contrast in question.contrasts]
    return found


def test_only_arms_that_differ_in_one_thing_are_compared(make: Make) -> None:
    """Norms within one penalty, a penalty within one norm, and nothing across."""
    arms = [{"norm": "bn"}, {"norm": "ln"}, {"norm": "bn", "l1": 1e-4}, {"norm": "ln", "l1": 1e-4, "l1_on": "all"}]
    assert pairs(make(arms=arms, seeds=1)) == {
        "norm": [("bn", "ln")],
        "l1": [("bn + L1 0.0001", "bn"), ("ln + L1 0.0001 on all", "ln")],
    }


def test_the_main_job_asks_nine_things(six: Comparison) -> None:
    """Three pairs of norms without L1, three with, and L1 for each norm; each interval at 1 − 0.05 / 9."""
    found = pairs(six)
    assert (len(found["norm"]), len(found["l1"])) == (6, 3)
    interval = contrasts.questions(six)[0].contrasts[0].interval
    assert interval is not None
    assert interval.level == pytest.approx(1 - 0.05 / 9)


def test_intervals_agree_with_scipy(six: Comparison) -> None:
    """A contrast's interval is the paired t interval of the records' final accuracies."""
    for question in contrasts.questions(six):
        for contrast in question.contrasts:
            first, second = ([run.final.test_accuracy for run in six.of(a)] for a in (contrast.first, contrast.second))
            theirs = stats.ttest_rel(first, second).confidence_interval(contrasts.each_level(9))
            assert contrast.interval is not None
            assert (contrast.interval.low, contrast.interval.high) == pytest.approx((theirs.low, theirs.high))


def test_only_common_seeds_count(make: Make) -> None:
    """A seed that diverged in one arm is left out of the pair."""
    ((question),) = contrasts.questions(make(arms=[{"norm": "bn"}, {"norm": "ln"}], diverged=[("ln", 1, 2)]))
    assert question.contrasts[0].seeds == (0, 2)


def test_the_level_does_not_move_while_runs_come_in(make: Make) -> None:
    """Every planned pair is counted, whether it has run or not."""
    arms = [{"norm": "bn"}, {"norm": "ln"}, {"norm": "in"}]
    whole, part = (contrasts.questions(make(arms=arms, missing=missing)) for missing in (0, 2))
    levels = {question.contrasts[0].interval.level for question in (*whole, *part) if question.contrasts[0].interval}
    assert levels == {1 - 0.05 / 3}


def test_equal_differences_conclude_nothing(make: Make) -> None:
    """An interval without width comes from counting whole images, so no arm wins by it."""
    ((question),) = contrasts.questions(make(arms=[{"norm": "bn"}, {"norm": "ln"}], errors={"bn": 0.0, "ln": 0.0}))
    (contrast,) = question.contrasts
    assert contrast.interval is not None
    assert contrast.interval.width == 0
    moved = contrasts.Contrast("norm", "bn", "ln", (0, 1), (0.1, 0.1), contrasts.Interval(0.1, 0.1, 0.95))
    assert not contrast.conclusive
    assert not moved.conclusive


def test_one_seed_has_a_difference_and_no_interval(make: Make) -> None:
    """One pair says which was higher, and nothing of how sure that is."""
    ((question),) = contrasts.questions(make(arms=[{"norm": "bn"}, {"norm": "ln"}], seeds=1))
    (contrast,) = question.contrasts
    assert contrast.mean is not None
    assert contrast.interval is None
    assert not contrast.conclusive
