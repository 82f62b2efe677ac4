from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from normlab.records import Comparison, Epoch, Look
from normlab.report.view import build

if TYPE_CHECKING:
    from collections.abc import Sequence

    from comparisons import Make

THREE = [{"norm": "bn"}, {"norm": "ln"}, {"norm": "gn:4"}]


def with_curves(comparison: Comparison, correct: dict[str, Sequence[int]]) -> Comparison:
    """The comparison with these counts of right images after each epoch."""

    def changed(epochs: Sequence[Epoch], counts: Sequence[int]) -> list[Epoch]:
        return [replace(epoch, judged_correct=count) for epoch, count in zip(epochs, counts, strict=True)]

    return replace(comparison, runs=[replace(r, epochs=changed(r.epochs, correct[r.arm])) for r in comparison.runs])


def looked_at(comparison: Comparison, seeds: tuple[int, ...]) -> Comparison:
    """The comparison, had a verdict on these of its seeds been shown before."""
    arms = tuple(arm.recipe.digest for arm in comparison.study.arms)
    return replace(comparison, looks=[Look("compare", "2026-01-02T03:04:05+00:00", seeds, "once", 3, arms)])


def test_counting_noise_is_the_binomial_standard_error(make: Make) -> None:
    """√(p(1 − p) / N) at the mean accuracy, in points and in images."""
    comparison = with_curves(make(arms=THREE[:1], epochs=1, images=1_000), {"bn": [990]})
    error = math.sqrt(0.99 * 0.01 / 1_000)
    assert (
        f"For orientation: at 99.00% of 1,000 test images, one standard error of one run's accuracy is "
        f"{100 * error:.3f} points ({1_000 * error:.1f} images)."
    ) in build(comparison).findings


def test_a_best_epoch_that_would_have_won_is_told(make: Make) -> None:
    """The course's own case: by best epoch one arm wins, by final epoch another."""
    counts = {"bn": [980, 992], "ln": [990, 991], "gn:4": [994, 990]}
    findings = build(with_curves(make(arms=THREE, epochs=2), counts)).findings
    assert (
        "Ranked by best test epoch gn:4 would have won; by final epoch bn has the highest mean; "
        "neither ranking is evidence."
    ) in findings
    assert "Each run's best epoch instead of its last would raise an arm's mean by 0.000 to 0.400 points." in findings


def test_another_order_behind_the_same_winner_is_told(make: Make) -> None:
    """The places behind the winner change too when the best epoch is picked."""
    counts = {"bn": [980, 995], "ln": [990, 991], "gn:4": [994, 990]}
    assert (
        "Ranked by best test epoch the order would be bn, gn:4, ln; by final epoch it is bn, ln, gn:4; "
        "neither ranking is evidence."
    ) in build(with_curves(make(arms=THREE, epochs=2), counts)).findings


def test_the_same_order_is_not_told(make: Make) -> None:
    """There is nothing to warn of when both rankings agree."""
    counts = {"bn": [980, 995], "ln": [970, 991], "gn:4": [960, 990]}
    findings = build(with_curves(make(arms=THREE, epochs=2), counts)).findings
    assert not any("Ranked" in sentence for sentence in findings)


def test_equal_parameter_counts_are_told(make: Make) -> None:
    """Size explains nothing where all arms are equal."""
    assert "All arms have 9,802 parameters, so none wins by size." in build(make(arms=THREE)).findings


def test_unequal_parameter_counts_are_told(make: Make) -> None:
    """Layer norm with an affine value for each element is a larger network."""
    comparison = make(arms=THREE[:2])
    runs = [replace(run, parameters=37_592) if run.arm == "ln" else run for run in comparison.runs]
    assert (
        "The arms differ in parameters (bn 9,802 and ln 37,592), so a difference need not come from the norm alone."
    ) in build(replace(comparison, runs=runs)).findings


def test_many_arms_are_not_ranked_one_by_one(make: Make) -> None:
    """Of more than six arms only how many places would change."""
    comparison = make(vary={"norm": ["bn", "ln", "in", "none"], "batch_size": [16, 64]}, seeds=2, epochs=2)
    counts = {arm.name: [900 - 10 * place, 900 + 10 * place] for place, arm in enumerate(comparison.study.arms)}
    counts["bn · batch 16"] = [985, 900]
    told = build(with_curves(comparison, counts)).findings
    assert (
        "Ranked by best test epoch bn · batch 16 would have won; by final epoch none · batch 64 has the highest mean; "
        "neither ranking is evidence."
    ) in told
    counts["none · batch 64"] = [990, 970]
    assert (
        "Ranked by best test epoch, 7 of 8 arms would stand in another place than by final epoch; neither ranking is "
        "evidence."
    ) in build(with_curves(comparison, counts)).findings


def test_many_questions_have_one_sentence_for_one_seed(make: Make) -> None:
    """What one seed would have said is summed up over more than two questions."""
    told = build(make(vary={"norm": ["bn", "ln"], "batch_size": [16, 64]}, seeds=3)).findings
    lead = "One seed of each, ranked by best test epoch, would have named the same winner on every seed in "
    (sentence,) = (sentence for sentence in told if sentence.startswith("One seed of each"))
    assert sentence.startswith(lead)
    assert " of 4 questions; " in sentence
    assert sentence.endswith(" of 12 times.")


def test_what_arms_do_not_share_is_told_once(make: Make) -> None:
    """Another batch size has other batches, however many arms differ in it."""
    told = build(make(vary={"norm": ["bn", "ln"], "batch_size": [16, 64]}, seeds=2)).findings
    (sentence,) = (sentence for sentence in told if "share their seed" in sentence)
    assert sentence == (
        "Arms with another batch size share their seed, but not the batches that the same order of images is cut into, "
        "nor the dropout masks."
    )
    assert not any("share their seed" in sentence for sentence in build(make(arms=THREE)).findings)


def test_a_link_is_told(make: Make) -> None:
    """Not all else is equal where the learning rate follows."""
    link = {"base": 0.1, "per": "batch_size", "at": 128}
    told = build(make(vary={"batch_size": [16, 64]}, fixed={"optimizer.lr": link}, seeds=2)).findings
    assert (
        "The learning rate follows the batch size (0.1 at batch_size 128, linear): arms that differ in one differ in "
        "the other."
    ) in told


@pytest.mark.slow
def test_questions_that_were_left_out_are_counted(make: Make) -> None:
    """Fewer pairs make each easier to settle, which a reader should know."""
    vary = {"norm": ["bn", "ln", "in"], "batch_size": [16, 64]}
    told = build(make(vary=vary, seeds=2, questions=["norm"])).findings
    assert "Verdicts are asked for on the norm alone: 6 of the 9 pairs that differ in one thing." in told
    assert not any("asked for" in sentence for sentence in build(make(vary=vary, seeds=2)).findings)


def test_a_baseline_is_told(make: Make) -> None:
    """How many pairs there are, and how many there could be."""
    told = build(make(vary={"norm": ["bn", "ln", "in"], "batch_size": [16, 64]}, baseline="bn · batch 16")).findings
    assert (
        "Every other arm is compared with the baseline bn · batch 16 alone: 5 pairs; without it, 9 pairs that differ "
        "in one thing could be asked about."
    ) in told


def test_growth_is_told_first_with_the_way_out(make: Make) -> None:
    """Seeds that were added after a look change the rules, and the report begins its caution with that."""
    grown = looked_at(make(arms=THREE, seeds=4), seeds=(0, 1))
    caution = next(c.sentences for c in build(grown).chapters if c.heading == "How far to trust this")
    assert caution[0] == (
        "Seeds were added after a verdict on 2 seeds was shown (2026-01-02), so every verdict, that first one "
        "included, follows the rules that allow looking. Name the number of seeds beforehand, or start from seeds that "
        "nobody has seen with --fresh-seeds, to be judged once."
    )
    assert any("each holds with 99.5% confidence however often one looks, corrected" in each for each in caution)


@pytest.mark.long
def test_arms_with_next_to_no_errors_are_told(make: Make) -> None:
    """Where they are called equivalent: no test of means is exact with so few."""
    few = make(arms=THREE[:2], seeds=8, errors={"bn": 0.00022, "ln": 0.00024}, images=10_000)
    told = " ".join(build(few).findings)
    assert "bn and ln are equivalent" in told
    assert "get fewer than 3 images wrong" in told
    assert "“equivalent” needs a test of the counts here too" in told
    growing = make(arms=THREE[:2], seeds=8, errors={"bn": 0.00022, "ln": 0.00024}, images=10_000, until_settled=True)
    assert "called equivalent in 6 to 8% of pairs, not in 4.5%" in " ".join(build(growing).findings)
    many = make(arms=THREE[:2], seeds=8, errors={"bn": 0.007, "ln": 0.007}, images=10_000)
    assert "images wrong" not in " ".join(build(many).findings)


def test_how_a_study_until_settled_is_judged_is_told(make: Make) -> None:
    """What each verdict needs, up to which seed, and at which confidence the interval of equivalent arms is."""
    told = build(make(arms=THREE, seeds=4, until_settled=True)).findings
    assert (
        "“Better” needs an interval without 0, “equivalent” a one-sided one on each side within ±0.1 points; each "
        "holds with 95.5% confidence however often one looks up to 4 seeds, corrected for all 3 pairs together. The "
        "interval of arms that are equivalent lies between the one-sided ones, which both hold with 91%."
    ) in told
    assert "All verdicts of this study, also if other seeds are taken later, hold with 95% together." in told


def test_another_last_seed_than_was_named_is_told_with_its_price(make: Make) -> None:
    """The study is judged without an end from then on."""
    seen = make(arms=THREE, seeds=4, until_settled=True)
    look = Look("compare", "2026-01-02", (0, 1, 2), "up to", 3, seen.study.digests)
    caution = next(
        c.sentences for c in build(replace(seen, looks=(look,))).chapters if c.heading == "How far to trust this"
    )
    assert caution[0].startswith("A verdict was shown while seeds were added, 3 at most (2026-01-02), and then others ")
    assert "which take more seeds" in caution[0]
    assert any("each holds with 99.5% confidence however often one looks, corrected" in each for each in caution)


def test_the_same_verdict_shown_again_is_no_growth(make: Make) -> None:
    """A look at the very seeds that there are changes nothing."""
    again = looked_at(make(arms=THREE, seeds=4), seeds=(0, 1, 2, 3))
    assert not any("Seeds were added" in sentence for sentence in build(again).findings)


def test_sizes_of_many_arms_are_grouped(make: Make) -> None:
    """One arm stands for all with as many parameters."""
    comparison = make(vary={"norm": ["bn", "ln"], "batch_size": [16, 64]}, seeds=2)
    runs = [replace(run, parameters=37_592) if run.arm.startswith("ln") else run for run in comparison.runs]
    assert (
        "The arms differ in parameters (bn · batch 16 and 1 more 9,802 and ln · batch 16 and 1 more 37,592), so a "
        "difference need not come from the norm or batch size alone."
    ) in build(replace(comparison, runs=runs)).findings
