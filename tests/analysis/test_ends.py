from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from normlab.analysis import gather, judge, open_arms
from normlab.analysis.ends import ends, finals
from normlab.records import Look
from normlab.stats.failures import Often
from normlab.stats.verdict import Kind

if TYPE_CHECKING:
    from comparisons import Make

TWO = [{"norm": "bn"}, {"norm": "ln"}]
BETTER = {"bn": 0.012}
"""An error rate with which ln, at the usual one, is better."""


@pytest.mark.slow
def test_runs_are_sound_collapsed_or_diverged(make: Make) -> None:
    """Each seed of an arm is one of these, and the last two are those on which it failed."""
    made = make(arms=TWO, seeds=8, images=10_000, diverged=[("ln", 2, 1)], collapsed=[("ln", 5, 1.0)])
    found = ends(finals(made.runs), margin=0.1)
    assert (sorted(found["ln"].collapsed), found["ln"].diverged, found["ln"].failed) == ([5], {2}, {2, 5})
    assert found["ln"].seeds == found["bn"].seeds == frozenset(range(8))
    assert not found["bn"].failed


@pytest.mark.slow
def test_an_arm_that_diverges_on_most_seeds_does_not_win(make: Make) -> None:
    """On the four that are left it is better: that is withheld. That it fails more often is a verdict of its own."""
    (found,) = judge(
        make(arms=TWO, seeds=10, errors=BETTER, diverged=[("ln", seed, 1) for seed in range(6)], images=10_000)
    )
    (pair,) = found.contrasts
    assert (pair.verdict.kind, pair.verdict.withheld, pair.seeds) == (Kind.withheld, Kind.worse, (6, 7, 8, 9))
    assert (pair.failures.counts.alone, pair.failures.often) == ((0, 6), Often.less)


@pytest.mark.slow
def test_an_arm_that_is_worse_is_worse_though_it_failed(make: Make) -> None:
    """Its failures do not contradict that."""
    (found,) = judge(make(arms=TWO, seeds=10, errors=BETTER, diverged=[("bn", 3, 1)], images=10_000))
    assert [pair.verdict.kind for pair in found.contrasts] == [Kind.worse]


@pytest.mark.parametrize("failed", [{"diverged": [("ln", 3, 1)]}, {"collapsed": [("ln", 3, 1.0)]}])
@pytest.mark.slow
def test_arms_are_not_equal_where_one_failed(make: Make, failed: dict[str, list[tuple[str, int, float]]]) -> None:
    """However it did; and where it did not, its differences are those of the other seeds alone."""
    (whole,) = judge(make(arms=TWO, seeds=10, images=10_000, margin=0.2))
    (found,) = judge(make(arms=TWO, seeds=10, images=10_000, margin=0.2, **failed))  # type: ignore[arg-type]
    (before,), (after,) = whole.contrasts, found.contrasts
    assert (before.verdict.kind, after.verdict.kind) == (Kind.equivalent, Kind.withheld)
    kept = [value for seed, value in zip(before.seeds, before.differences, strict=True) if seed != 3]
    assert list(after.differences) == kept


@pytest.mark.slow
def test_a_seed_on_which_both_fail_withholds_nothing(make: Make) -> None:
    """It flatters neither."""
    (found,) = judge(make(arms=TWO, seeds=10, errors=BETTER, diverged=[("bn", 3, 1), ("ln", 3, 2)], images=10_000))
    (pair,) = found.contrasts
    assert (pair.verdict.kind, pair.failures.counts.failed) == (Kind.worse, (1, 1))


@pytest.mark.slow
def test_no_seeds_are_added_for_what_they_cannot_change(make: Make) -> None:
    """A verdict that is withheld leaves no arm open."""
    failed = [("ln", seed, 1) for seed in range(3)]
    made = make(arms=TWO, seeds=20, errors=BETTER, diverged=failed, images=10_000, until_settled=True)
    (found,) = judge(made)
    assert found.contrasts[0].verdict.kind is Kind.withheld
    assert open_arms([found]) == frozenset()


def test_failures_are_counted_by_the_rules_of_the_study(make: Make) -> None:
    """What six failures alone show of a number of seeds that was fixed, they do not show of a study that grew."""
    failed = [("ln", seed, 1) for seed in range(6)]
    look = Look("compare", "2026-01-01", (0, 1, 2), "once", 1, ())
    once, grown = (judge(make(arms=TWO, seeds=10, diverged=failed, looks=looks))[0] for looks in ((), (look,)))
    assert [found.contrasts[0].failures.often for found in (once, grown)] == [Often.less, Often.open]


@pytest.mark.slow
def test_an_interaction_is_withheld_where_an_arm_failed_alone(make: Make) -> None:
    """Of four arms, on a seed that is no part of the differences then."""
    vary = {"norm": ["bn", "ln"], "batch_size": [16, 64]}
    errors = {"bn · batch 16": 0.03}
    whole = gather(make(vary=vary, seeds=10, images=10_000, errors=errors))
    failed = gather(make(vary=vary, seeds=10, images=10_000, errors=errors, diverged=[("ln · batch 64", 2, 1)]))
    assert all(one.verdict.kind in (Kind.better, Kind.worse) for one in whole.interactions)
    assert [one.verdict.kind for one in failed.interactions] == [Kind.withheld for _ in whole.interactions]


@pytest.mark.slow
def test_the_arms_rows_name_what_collapsed(make: Make) -> None:
    """The seed, its accuracy, and what the others reach."""
    made = make(arms=TWO, seeds=8, images=10_000, collapsed=[("ln", 5, 1.0)])
    (low,) = gather(made).arms[1].collapsed
    others = [run.final.judged_accuracy for run in made.of("ln") if run.seed != 5]
    assert (low.seed, low.usual) == (5, pytest.approx(sum(others) / 7))
    assert low.accuracy < min(others) - 0.5
