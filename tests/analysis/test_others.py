from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from comparisons import environment, judging, lowered
from scipy import stats

from normlab.analysis import gather
from normlab.analysis.others import Other, Others
from normlab.outcomes import OUTCOMES, Seen, find
from normlab.records import Comparison, RunRecord

if TYPE_CHECKING:
    from comparisons import Make

TWO = [{"norm": "bn"}, {"norm": "ln"}]


def found(comparison: Comparison) -> Others:
    others = gather(comparison).others
    assert others is not None
    return others


def pair(comparison: Comparison, outcome: str, place: int = 0) -> Other:
    return [each for each in found(comparison).pairs if each.outcome.name == outcome][place]


def changed(comparison: Comparison, arm: str, change: dict[int, RunRecord]) -> Comparison:
    """The same, with other runs on some seeds of an arm."""
    runs = [change.get(run.seed, run) if run.arm == arm else run for run in comparison.runs]
    return replace(comparison, runs=runs)


def test_every_pair_has_every_other_outcome(six: Comparison) -> None:
    """Nine pairs of six outcomes are a family of 54; accuracy has the verdicts."""
    others = found(six)
    names = [outcome.name for outcome in OUTCOMES if outcome.name != "accuracy"]
    assert [outcome.name for outcome in others.outcomes] == names
    assert len(others.pairs) == 9 * len(names)
    smallest = min(each.found.p for each in others.pairs)
    uncorrected = [stats.ttest_1samp(each.differences, 0).pvalue for each in others.pairs if any(each.differences)]
    assert smallest == pytest.approx(min(1, 54 * min(uncorrected)))


def test_a_difference_is_the_first_arms_number_less_the_seconds(make: Make) -> None:
    """Seed by seed, on the seeds of the verdict."""
    comparison = make(arms=TWO, seeds=4, errors={"ln": 0.02})
    for outcome in OUTCOMES[1:-2]:
        one = pair(comparison, outcome.name)
        read = [[outcome.read(Seen(run, comparison.labels)) for run in comparison.of(arm)] for arm in ("bn", "ln")]
        wanted = np.subtract(*np.array(read, float))
        assert one.seeds == (0, 1, 2, 3)
        assert one.differences == pytest.approx(wanted)
        assert one.found.mean == pytest.approx(wanted.mean())


@pytest.mark.slow
def test_seeds_on_which_a_run_failed_are_left_out_as_in_the_verdict(make: Make) -> None:
    """A run that diverged has no outcome, one that collapsed is no part of a pair; the arm's means have it."""
    comparison = make(arms=TWO, seeds=10, diverged=[("ln", 1, 2)], collapsed=[("bn", 3, 30)], images=10_000)
    one = pair(comparison, "cross-entropy")
    assert one.seeds == one.contrast.seeds == (0, 2, 4, 5, 6, 7, 8, 9)
    reached = found(comparison).of("bn", one.outcome)
    assert reached.estimate is not None
    assert len(reached.estimate.values) == 10


def test_runs_that_never_got_there_are_later_than_all(make: Make) -> None:
    """Arms near 99 %: a difference is infinite where one run of a pair never has it, and 0 where neither does."""
    comparison = make(arms=TWO, seeds=12, errors={"bn": 0.0093, "ln": 0.0098})
    one, reached = pair(comparison, "epochs-to-99"), found(comparison).of("ln", find("epochs-to-99"))
    first = {arm: {run.seed: _first(run) for run in comparison.of(arm)} for arm in ("bn", "ln")}
    wanted = [_less(first["bn"][seed], first["ln"][seed]) for seed in one.seeds]
    assert [*one.differences] == wanted
    assert {-math.inf, 0.0} <= {*wanted}
    assert (one.found.mean, one.found.interval) == (None, None)
    assert one.found.ahead == (sum(each > 0 for each in wanted), sum(each < 0 for each in wanted))
    never = sum(math.isinf(each) for each in first["ln"].values())
    assert (reached.never, reached.unrecorded) == (never, 0)
    assert reached.estimate is not None
    assert len(reached.estimate.values) == 12 - never


def _first(run: RunRecord) -> float:
    return min((each.epoch for each in run.epochs if each.judged_accuracy >= 99), default=math.inf)


def _less(one: float, other: float) -> float:
    return 0.0 if one == other else one - other


def test_what_is_not_recorded_is_counted_and_left_out(make: Make) -> None:
    """A run without probabilities has cross-entropy and no Brier score."""
    comparison = make(arms=TWO, seeds=4)
    bare = judging(comparison.of("bn")[2], np.empty((0, 0), np.float32))
    comparison = changed(comparison, "bn", {2: bare})
    assert pair(comparison, "brier").seeds == (0, 1, 3)
    assert pair(comparison, "cross-entropy").seeds == (0, 1, 2, 3)
    assert found(comparison).of("bn", pair(comparison, "brier").outcome).unrecorded == 1


def test_seconds_are_compared_within_one_place(make: Make) -> None:
    """Of two machines nobody knows what a second is worth."""
    comparison = make(arms=TWO, seeds=4)
    elsewhere = {1: replace(comparison.of("ln")[1], environment=environment(processor="eight cores"))}
    comparison = changed(comparison, "ln", elsewhere)
    one = pair(comparison, "seconds")
    assert (one.seeds, one.apart) == ((0, 2, 3), 1)
    assert pair(comparison, "brier").apart == 0


def test_what_stands_comes_with_the_surest_first(make: Make) -> None:
    """An arm that is far worse differs in its losses; equal arms do not."""
    comparison = make(arms=[*TWO, {"norm": "gn:4"}], seeds=10, errors={"ln": 0.03})
    standing = found(comparison).standing
    assert {"cross-entropy", "brier"} <= {each.outcome.name for each in standing}
    assert all("ln" in each.contrast.arms for each in standing if each.outcome.name == "cross-entropy")
    assert [each.found.p for each in standing] == sorted(each.found.p for each in standing)


def test_a_study_without_a_pair_has_nothing_to_compare(make: Make) -> None:
    """One arm, no seed in common, or a path."""
    assert gather(make(arms=[{"norm": "bn"}])).others is None
    assert gather(make(arms=TWO, missing=5)).others is None
    arms = [{"norm": "bn", "penalty.kind": "prox", "penalty.lambda": lam} for lam in (0.0, 1e-3, 1e-2)]
    assert gather(make(arms=arms, holdout=5000, warm_start=True)).others is None


def test_one_seed_shows_nothing(make: Make) -> None:
    """There is a difference, and no evidence of one."""
    assert not found(make(arms=TWO, seeds=1)).standing


def test_who_looks_has_p_values_that_hold_at_any_time(make: Make) -> None:
    """Until settled, seeds count in their order, and intervals are confidence sequences."""
    comparison = make(arms=TWO, seeds=10, errors={"ln": 0.03}, until_settled=True)
    one = pair(comparison, "cross-entropy")
    once = pair(
        replace(comparison, study=comparison.study.model_copy(update={"until_settled": False})), "cross-entropy"
    )
    assert one.found.interval is not None
    assert once.found.interval is not None
    assert one.found.interval.width > once.found.interval.width
    assert one.found.p > once.found.p


def test_a_lower_accuracy_alone_changes_no_other_outcome_but_speed(make: Make) -> None:
    """Each is read off what it is made of."""
    comparison = make(arms=TWO, seeds=3)
    lower = changed(comparison, "ln", {run.seed: lowered(run, 0.2) for run in comparison.of("ln")})
    for name in ("cross-entropy", "brier", "ece", "worst-class", "seconds"):
        assert pair(lower, name).differences == pair(comparison, name).differences
