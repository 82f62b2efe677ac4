"""Arms judged by another outcome than accuracy."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from normlab.analysis import Contrast, gather, judge
from normlab.analysis.scores import scored
from normlab.outcomes import Seen, find
from normlab.stats.failures import Often
from normlab.stats.verdict import Kind

if TYPE_CHECKING:
    from comparisons import Make

    from normlab.records import Comparison, RunRecord

TWO = [{"norm": "bn"}, {"norm": "ln"}]
WORSE = {"bn": 0.012}
"""An error rate that makes bn worse than ln in every outcome."""
LOSS = {"outcome": "cross-entropy", "margin": 0.001}


def pair(comparison: Comparison) -> Contrast:
    ((found,),) = (question.contrasts for question in judge(comparison))
    return found


def without_loss(run: RunRecord) -> RunRecord:
    """The same run, had a probability of its last epoch underflown."""
    return replace(run, epochs=[*run.epochs[:-1], replace(run.final, judged_loss=float("inf"))])


@pytest.mark.parametrize("name", ["cross-entropy", "brier", "worst-class", "ece"])
@pytest.mark.slow
def test_differences_are_those_of_the_numbers(make: Make, name: str) -> None:
    """First − second on each seed, in the outcome's own unit, whichever way is better."""
    made = make(arms=TWO, seeds=4, images=10_000, errors=WORSE, outcome=name, margin=0.001)
    found, outcome = pair(made), find(name)
    read = [[outcome.read(Seen(run, made.labels)) for run in made.of(arm)] for arm in ("bn", "ln")]
    assert found.differences == pytest.approx(np.subtract(*map(np.array, read)).tolist(), abs=1e-9)
    assert found.outcome == outcome


@pytest.mark.parametrize(("name", "higher"), [("cross-entropy", False), ("brier", False), ("accuracy", True)])
@pytest.mark.slow
def test_better_is_better(make: Make, name: str, higher: bool) -> None:
    """The arm with fewer errors is the better one, by a lower loss as by a higher accuracy."""
    found = pair(make(arms=TWO, seeds=8, images=10_000, errors=WORSE, outcome=name, margin=0.0005))
    assert found.verdict.kind is Kind.worse
    assert found.interval is not None
    assert (found.interval.high < 0) is higher
    assert found.verdict.beats == 0


def test_accuracy_is_judged_as_ever(make: Make) -> None:
    """It is counted in images: equal differences stay equal."""
    made = make(arms=TWO, seeds=4)
    runs = [[run.final.judged_correct for run in made.of(arm)] for arm in ("bn", "ln")]
    assert pair(made).differences == tuple(100 * (one - other) / 1000 for one, other in zip(*runs, strict=True))
    assert all(row.score == row.final for row in gather(made).arms)


@pytest.mark.slow
def test_a_run_without_a_number_has_failed(make: Make) -> None:
    """An arm whose loss is infinite on a seed does not win on the others."""
    made = make(arms=TWO, seeds=8, images=10_000, errors=WORSE, **LOSS)
    runs = [without_loss(run) if (run.arm, run.seed) == ("ln", 2) else run for run in made.runs]
    facts = gather(replace(made, runs=runs))
    (found,) = facts.contrasts
    assert (found.verdict.kind, found.verdict.withheld) == (Kind.withheld, Kind.worse)
    assert 2 not in found.seeds
    assert found.failures.counts.alone == (0, 1)
    row = facts.arms[1]
    assert (row.unscored, row.failed, len(row.scored)) == ((2,), 1, 7)


@pytest.mark.slow
def test_an_arm_collapses_by_accuracy_whatever_it_is_judged_by(make: Make) -> None:
    """A margin in nats is none for accuracies."""
    collapsed = [("ln", 2, 3.0)]
    by = [make(arms=TWO, seeds=8, images=10_000, collapsed=collapsed, **judged) for judged in ({}, LOSS)]
    assert [gather(made).arms[1].collapsed[0].seed for made in by] == [2, 2]
    assert pair(by[1]).failures.often is Often.open


def test_what_is_about_images_right_is_left_out(make: Make) -> None:
    """McNemar's test, other images, and winners by best epoch are about accuracy; other tests are of any number."""
    facts = gather(make(arms=TWO, seeds=6, **LOSS))
    (one,) = facts.evidence
    assert (one.mcnemar, one.elsewhere, facts.misled) == (None, None, ())
    assert one.sign_flip is not None


def test_accuracy_is_then_among_what_else_differs(make: Make) -> None:
    """And what has the verdicts is not."""
    others = gather(make(arms=TWO, seeds=6, **LOSS)).others
    assert others is not None
    names = [outcome.name for outcome in others.outcomes]
    assert "accuracy" in names
    assert "cross-entropy" not in names


@pytest.mark.slow
def test_lines_and_interactions_are_of_it(make: Make) -> None:
    """A loss that a batch size raises for one norm alone: the answer depends on it."""
    vary = {"norm": ["bn", "ln"], "batch_size": [16, 64, 128]}
    made = make(vary=vary, seeds=6, images=10_000, errors={"bn · batch 16": 0.03}, **LOSS)
    facts, known = gather(made), scored(made)
    for point in facts.doses[0].points:
        values = [known[point.arm.name, seed] for seed in range(6)]
        assert point.mean == pytest.approx(np.mean(values))
    assert any(one.verdict.different for one in facts.interactions)
