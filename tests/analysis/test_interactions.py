from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from scipy import stats

from normlab.analysis import gather, inquiries
from normlab.analysis.interactions import Crossing, crossings
from normlab.analysis.looks import rules
from normlab.spec import Study, design
from normlab.stats.verdict import Kind, verdicts

if TYPE_CHECKING:
    from comparisons import Make

VARY = {"norm": ["bn", "ln"], "batch_size": [16, 64]}


def crossed(study: Study) -> list[Crossing]:
    """All of a study's crossings."""
    return list(crossings(study, inquiries(study)))


def test_differences_of_differences_are_paired_by_seed(make: Make) -> None:
    """(bn − ln) at batch 64 less (bn − ln) at batch 16, on each seed, with scipy's t test on them."""
    made = make(vary=VARY, seeds=4)
    (one,) = gather(made).interactions
    finals = {(run.arm, run.seed): run.final.judged_accuracy for run in made.runs}
    for seed, change in zip(one.seeds, one.differences, strict=True):
        at = {size: finals[f"bn · batch {size}", seed] - finals[f"ln · batch {size}", seed] for size in (16, 64)}
        assert change == pytest.approx(at[64] - at[16])
    assert one.verdict.differs == pytest.approx(stats.ttest_1samp(one.differences, 0).pvalue)


def test_an_answer_that_depends_is_established(make: Make) -> None:
    """Batch norm fails at batch 16 alone; layer norm does not."""
    (one,) = gather(make(vary=VARY, seeds=6, errors={"bn · batch 16": 0.1})).interactions
    assert one.verdict.kind is Kind.better
    (one,) = gather(make(vary=VARY, seeds=6, margin=5.0)).interactions
    assert one.verdict.kind is Kind.equivalent


@pytest.mark.slow
def test_where_a_run_failed_a_crossing_has_no_last_seed(make: Make) -> None:
    """As its pairs: the same differences at the level of a sequence without an end, so that less is known."""
    how = {"vary": VARY, "seeds": 12, "until_settled": True}
    whole = make(**how)
    (sound,), (failed,) = (
        gather(made).interactions for made in (whole, make(**how, diverged=[("bn · batch 16", 11, 1)]))
    )
    differences = sound.differences[:11]
    assert failed.differences == differences
    endless = verdicts([differences], rules(whole.study), [True])[0]
    assert (failed.verdict.interval, failed.verdict.kind) == (endless.interval, endless.kind)
    assert failed.verdict.interval != verdicts([differences], rules(whole.study))[0].interval


def test_each_four_arms_are_one_crossing() -> None:
    """Three norms, and batch sizes against the lowest and their neighbours: three pairs times three."""
    found = crossed(design(vary={"norm": ["bn", "ln", "in"], "batch_size": [16, 32, 64]}))
    assert len(found) == len(set(found)) == 9
    assert {(one.factor, one.other) for one in found} == {("norm", "batch_size")}


def test_a_third_factor_stays_where_it_is() -> None:
    """All four arms of a crossing are equal in it."""
    study = design(vary={**VARY, "penalty.lambda": [0.0, 1e-4]})
    assert len(crossed(study)) == 6
    for one in crossed(study):
        arms = [study.arm(name) for name in (*one.here, *one.there)]
        fixed = ({"norm", "batch_size", "penalty.lambda"} - {one.factor, one.other}).pop()
        assert len({arm.stated[fixed] for arm in arms}) == 1


def test_what_is_not_asked_is_not_crossed() -> None:
    """Of two factors, one that no verdict is wanted on leaves nothing to cross; nor does a baseline."""
    assert crossed(design(vary=VARY, questions=["norm"])) == []
    assert crossed(design(vary=VARY, baseline="bn · batch 16")) == []


def test_a_missing_arm_is_no_crossing() -> None:
    """Three of four arms, given by hand, have two questions and no interaction."""
    arms = [{"norm": "bn"}, {"norm": "ln"}, {"norm": "bn", "batch_size": 16}]
    assert crossed(design(arms=arms)) == []


def test_verdicts_on_pairs_do_not_know_of_interactions(make: Make) -> None:
    """A family of their own: of one interaction the interval is at the first verdict's whole share of the error."""
    (one,) = gather(make(vary=VARY, seeds=4)).interactions
    assert one.verdict.interval is not None
    assert one.verdict.interval.level == pytest.approx(0.955)


def test_the_main_jobs_interactions(make: Make) -> None:
    """Does L1 cost one norm more than another: three pairs of norms."""
    found = [one.crossing for one in gather(make()).interactions]
    assert found[0] == Crossing("norm", "penalty.lambda", ("bn + L1 0.0001", "ln + L1 0.0001"), ("bn", "ln"))
    assert len(found) == 3
