from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from normlab.records import Comparison
from normlab.report.view import View, build
from normlab.spec import Judging

if TYPE_CHECKING:
    from comparisons import Make

THREE = [{"norm": "bn"}, {"norm": "ln"}, {"norm": "gn:4"}]


def said(view: View, heading: str) -> list[str]:
    """The sentences under a heading."""
    return [sentence for chapter in view.chapters if chapter.heading == heading for sentence in chapter.sentences]


def test_a_clear_difference_names_the_better_arm(make: Make) -> None:
    """The winner comes first, with the difference and its interval, in the headline too."""
    view = build(make(arms=THREE, seeds=8, errors={"ln": 0.1}))
    assert re.match(
        r"bn and gn:4 are better than ln by \d+\.\d\d to \d+\.\d\d points; "
        r"(bn and gn:4|gn:4 and bn) are (open: \d+ to \d+ more seeds|equal within 0\.1 points) "
        r"\(\d\d\.\d\d to \d\d\.\d\d%, 8 seeds\)\.",
        view.headline,
    )
    won = [sentence for sentence in said(view, "Which norm?") if "is better than" in sentence]
    assert len(won) == 2
    assert re.fullmatch(r"bn is better than ln by \d+\.\d{3} points \(\d+\.\d{3} to \d+\.\d{3}, 8 seeds\)\.", won[0])


def test_no_difference_is_not_enough_evidence(make: Make) -> None:
    """Equal arms have no winner, and both sentences say how many seeds would tell."""
    comparison = make(arms=THREE[:2], seeds=5)
    study = comparison.study.model_copy(update={"verdict": Judging(margin=0.01)})
    view = build(replace(comparison, study=study))
    more = r"after 5 seeds nobody can say how many more would settle it \(\d+ to more than 100\)"
    needed = r"too early to say how many more seeds \(\d\d\.\d\d(?: to \d\d\.\d\d)?%, 5 seeds\)"
    assert re.fullmatch(rf"Not enough evidence yet that either arm is better: {needed}\.", view.headline)
    (sentence,) = said(view, "Which norm?")
    assert re.fullmatch(rf"bn against ln: .* 5 seeds\), not enough evidence; {more}\.", sentence)


def test_arms_that_do_not_matter_are_equivalent(make: Make) -> None:
    """Within a margin that is wide enough nothing differs, and the headline says so."""
    comparison = make(arms=THREE, seeds=5)
    study = comparison.study.model_copy(update={"verdict": Judging(margin=3.0)})
    view = build(replace(comparison, study=study))
    assert re.fullmatch(r"All 3 arms are equal within 3 points \(\d.* to \d.*%, 5 seeds\)\.", view.headline)
    assert all(
        re.fullmatch(r".* are equivalent: they differ by less than 3 points \(.*, 5 seeds\)\.", sentence)
        for sentence in said(view, "Which norm?")
    )


def test_a_difference_too_small_to_matter_is_told(make: Make) -> None:
    """Both claims hold: one arm is ahead, and it does not matter."""
    comparison = make(arms=THREE[:2], seeds=8, errors={"ln": 0.1})
    study = comparison.study.model_copy(update={"verdict": Judging(margin=50.0)})
    (sentence,) = said(build(replace(comparison, study=study)), "Which norm?")
    assert re.fullmatch(
        r"bn and ln are equivalent: bn is ahead by .* 8 seeds\), less than the 50 that matter\.", sentence
    )


def test_one_seed_has_no_winner(make: Make) -> None:
    """Whatever the gap, one seed cannot tell arms apart, and the sentence gives what they reached."""
    comparison = make(arms=THREE, seeds=1, errors={"ln": 0.2})
    view = build(comparison)
    finals = [f"{comparison.of(name)[0].final.judged_accuracy:.2f}%" for name in ("bn", "ln", "gn:4")]
    assert view.headline == "One seed cannot tell these 3 arms apart."
    assert said(view, "Which norm?") == [
        f"One seed cannot tell these apart: bn {finals[0]}, ln {finals[1]} and gn:4 {finals[2]}."
    ]
    assert not any("better" in sentence for sentence in view.findings)


@pytest.mark.parametrize(("seeds", "told"), [(2, True), (3, True), (4, False)])
@pytest.mark.slow
def test_few_seeds_can_only_show_large_differences(make: Make, seeds: int, told: bool) -> None:
    """Two and three seeds come with a warning."""
    view = build(make(arms=THREE, seeds=seeds))
    assert any("can only show large differences" in sentence for sentence in view.findings) is told


def test_equal_differences_are_told_and_prove_nothing(make: Make) -> None:
    """Perfect arms differ by nothing in every seed."""
    (sentence,) = said(build(make(arms=THREE[:2], errors={"bn": 0.0, "ln": 0.0})), "Which norm?")
    assert sentence == (
        "bn against ln: the same 0.000 points in 3 seeds, which does not show their spread: not enough evidence."
    )


def test_missing_runs_are_counted(make: Make) -> None:
    """A partial study says how many runs are missing."""
    view = build(make(arms=THREE, missing=2))
    assert said(view, "What is missing") == ["Still missing: 2 of 9 runs; every number here may change."]


def test_divergence_is_told(make: Make) -> None:
    """Seeds and epochs are named, that leaving them out flatters the arm, and that no verdict does so."""
    view = build(make(arms=THREE, diverged=[("ln", 1, 3), ("gn:4", 0, 1), ("gn:4", 1, 1), ("gn:4", 2, 2)]))
    assert said(view, "What is missing") == [
        "ln diverged in 1 of 3 runs (seed 1 in epoch 3). Its means leave these out, which flatters it; "
        "no verdict does.",
        "gn:4 diverged in every run so far (seed 0 in epoch 1, seed 1 in epoch 1 and seed 2 in epoch 2): "
        "there is no accuracy to compare.",
    ]
    assert "bn against gn:4: no seed has finished in both, so they cannot be compared." in view.findings


@pytest.mark.slow
def test_an_arm_that_failed_gets_no_verdict_in_its_favour(make: Make) -> None:
    """The headline says between whom there is none and why, and a line of its own how often each failed."""
    failed = [("ln", seed, 2) for seed in range(6)]
    view = build(make(arms=THREE[:2], seeds=10, errors={"bn": 0.012}, diverged=failed, images=10_000))
    assert view.headline.startswith("No verdict between bn and ln, since ln failed on 6 seeds where bn did not (")
    assert view.headline.endswith("; ln diverged in 6 of 10 runs.")
    (sentence,) = said(view, "Which norm?")
    assert re.fullmatch(
        r"bn against ln: no verdict\. Where neither failed, ln is better than bn by .* 4 seeds\); but ln failed on 6 "
        r"seeds where bn did not\. Which to take depends on what a failure costs; more seeds do not change that, .*\.",
        sentence,
    )
    assert said(view, "How often does an arm fail?") == [
        "bn failed in 0 of 10 runs (0 to 32%), ln in 6 of 10 runs (26 to 88%): ln fails more often (p = 0.031)."
    ]
    assert view.glance.proof == "No verdict on 1 of 1 comparison: an arm failed, and more seeds do not change that."
    assert view.glance.command == ""
    answers = [card.answer for card in view.glance.cards]
    assert answers == ["No verdict: an arm failed", "ln in 6 of 10 runs, more often than bn"]


@pytest.mark.slow
def test_a_seed_that_collapsed_is_told(make: Make) -> None:
    """Which it was, what the others reach, and that differences leave it out; one failure does not show how often."""
    view = build(make(arms=THREE, seeds=10, collapsed=[("ln", 3, 1.0)], images=10_000))
    (sentence,) = said(view, "What collapsed")
    assert re.fullmatch(
        r"ln collapsed in 1 of 10 runs \(seed 3 at 98\.\d\d%\), where its others reach 99\.\d\d%\. Its means count "
        r"that; its differences leave such seeds out\.",
        sentence,
    )
    assert view.headline.endswith("; ln collapsed in 1 of 10 runs.")
    often = said(view, "How often does an arm fail?")
    assert len(often) == 2
    assert all(each.endswith("not enough evidence that either fails more often (p = 1.000).") for each in often)
    assert not view.glance.take.startswith("ln")


@pytest.mark.slow
def test_of_many_pairs_without_a_verdict_one_sentence_is_said(make: Make) -> None:
    """And of those whose failures show nothing."""
    arms = [{"norm": norm} for norm in ("bn", "ln", "gn:4", "in", "rms", "none", "gn:8", "gn:2", "frn")]
    view = build(make(arms=arms, seeds=10, margin=2.0, images=10_000, collapsed=[("ln", 3, 5.0)]))
    assert "8 pairs have no verdict: an arm failed on seeds where the other did not." in said(view, "Which norm?")
    assert said(view, "How often does an arm fail?") == [
        "8 pairs with a failed run: not enough evidence that either arm fails more often."
    ]


def test_whom_verdicts_are_about_is_said(make: Make) -> None:
    """Runs that do not fail; an arm that did not may do so still, as far as so few seeds tell."""
    view = build(make(arms=THREE[:2], seeds=10))
    assert (
        "Verdicts on accuracy are about runs that do not fail. An arm that did not fail here may still do so in up to "
        "32% of its runs, at 95.5% confidence."
    ) in said(view, "How far to trust this")


def test_a_run_that_ended_at_chance_is_told(make: Make) -> None:
    """One at chance is named with its accuracy, and that the means count it; an arm of nothing else is told so."""
    dead = make(arms=THREE, errors={"ln": 0.95})
    seed = next(run for run in dead.runs if run.arm == "ln")
    whole = make(arms=THREE)
    mixed = replace(whole, runs=[seed if (run.arm, run.seed) == ("ln", seed.seed) else run for run in whole.runs])
    assert said(build(whole), "What ended at chance") == []
    (all_of_them,) = said(build(dead), "What ended at chance")
    assert all_of_them.startswith("ln ended at chance in every run: ")
    (one,) = said(build(mixed), "What ended at chance")
    assert one.startswith(f"ln ended at chance in 1 of 3 runs (seed 0 at {seed.final.judged_accuracy:.2f}%). Its means")


def test_the_headline_names_who_did_not_learn(make: Make) -> None:
    """One arm with how often, several by their names: nobody reads the answer without it."""
    one = build(make(arms=THREE, diverged=[("ln", 0, 2), ("ln", 2, 1)])).headline
    two = build(make(arms=THREE, diverged=[("ln", 0, 2)], errors={"bn": 0.9})).headline
    assert one.endswith(" seeds); ln diverged in 2 of 3 runs.")
    assert two.endswith("; some runs of bn and ln did not learn.")


def test_nothing_finished(make: Make) -> None:
    """Without a finished run there is a headline and no comparison."""
    waiting = build(make(arms=THREE, missing=9))
    failed = build(make(arms=THREE[:1], seeds=1, diverged=[("bn", 0, 1)]))
    assert waiting.headline == "No run has finished yet."
    assert waiting.findings == ("Still missing: 9 of 9 runs; every number here may change.",)
    assert failed.headline == "No run finished: every one diverged."


def test_a_single_arm_is_only_told(make: Make) -> None:
    """One arm answers no question."""
    assert re.fullmatch(
        r"bn gets \d\d\.\d\d ± \d\.\d\d% of the test images right \(3 seeds\)\.", build(make(arms=THREE[:1])).headline
    )


def test_arms_that_differ_in_two_things_are_not_compared(make: Make) -> None:
    """A norm with and another without L1 answer no question together."""
    view = build(make(arms=[{"norm": "bn"}, {"norm": "ln", "penalty.lambda": 1e-4}]))
    assert view.headline.startswith("No two arms differ in one thing alone")


def test_held_out_images_are_never_called_test(make: Make) -> None:
    """Every sentence says what the arms were judged on."""
    view = build(make(holdout=5000))
    assert not re.search(r"\btest\b", " ".join(view.findings))
    assert "held-out" in " ".join(view.findings)


def test_the_main_job_has_every_chapter(six: Comparison) -> None:
    """Norms, L1, whether one depends on the other, the weights and how far to trust it all, in this order."""
    assert [chapter.heading for chapter in build(six).chapters] == [
        "Which norm?",
        "With or without a penalty?",
        "Does the answer about the norm depend on λ?",
        "What the penalty does to the weights",
        "How far to trust this",
    ]


def test_a_baseline_has_its_own_words(make: Make) -> None:
    """Headings say against what, and an open headline speaks of that arm alone."""
    view = build(make(arms=THREE, seeds=2, baseline="ln"))
    assert view.chapters[0].heading == "Against ln: another norm"
    assert view.headline.startswith("Not enough evidence yet for or against ln: ")
    assert [sentence.partition(":")[0] for sentence in said(view, "Against ln: another norm")] == [
        "bn against ln",
        "gn",
    ]
    even = build(make(arms=THREE, seeds=5, baseline="ln", margin=3.0))
    assert even.headline.startswith("Every other arm and ln are equal within 3 points (")


def test_all_that_was_asked_may_be_equivalent(make: Make) -> None:
    """Where pairs were left out, the headline does not speak of all arms."""
    vary = {"norm": ["bn", "ln"], "batch_size": [16, 64]}
    view = build(make(vary=vary, seeds=5, questions=["norm"], margin=3.0))
    assert view.headline.startswith("All 2 pairs asked about are equal within 3 points (")


def test_every_factor_has_its_heading(make: Make) -> None:
    """Each with its own pairs: batch sizes against the recipe's own and against their neighbours."""
    view = build(make(vary={"norm": ["bn", "ln"], "batch_size": [32, 64, 128]}, seeds=2))
    assert len(said(view, "Which norm?")) == 3
    assert sorted(sentence.partition(":")[0] for sentence in said(view, "Which batch size?")) == sorted(
        f"{norm} · batch {one} against {norm} · batch {other}"
        for norm in ("bn", "ln")
        for one, other in ((32, 128), (64, 128), (64, 32))
    )


def test_the_lede_says_what_was_compared(make: Make) -> None:
    """Networks, images, arms, seeds and the range of epochs."""
    view = build(make(vary={"epochs": [2, 4]}, seeds=2, images=300, missing=1))
    assert view.lede == (
        "lean on mnist: 2 arms × 2 seeds × 2 to 4 epochs, 3 of 4 runs finished, each judged on 300 test images."
    )
    assert build(make(arms=THREE, until_settled=True)).lede == (
        "lean on mnist: 3 arms × up to 3 seeds × 5 epochs, 9 runs finished, each judged on 1,000 test images."
    )


def test_the_lede_counts_what_diverged(make: Make) -> None:
    """It is no longer to come, and has no accuracy."""
    lost = make(arms=THREE, seeds=2, epochs=2, images=300, diverged=[("ln", 0, 1)])
    assert ", 5 of 6 runs finished, 1 diverged, each judged on 300 test images." in build(lost).lede


@pytest.mark.slow
def test_many_pairs_of_one_verdict_are_told_together(make: Make) -> None:
    """Of ten open pairs how far they are from a verdict, of ten equivalent ones that they are."""
    norms = {"norm": ["bn", "ln", "in", "gn:2", "gn:4"]}
    (still_open,) = said(build(make(vary=norms)), "Which norm?")
    assert re.fullmatch(
        r"10 pairs: not enough evidence\. Nearest to a verdict: \S+ against \S+, \S+ points; \d+ to \d+ more seeds "
        r"would settle it, or \d+ to \d+ in a new study\. Farthest: \S+ against \S+, \S+ points; .*\.",
        still_open,
    )
    *ahead, alike = said(build(make(vary=norms, margin=50.0, images=10_000)), "Which norm?")
    assert all(" is ahead by " in sentence for sentence in ahead)
    told = re.fullmatch(
        r"(\d+) (?:other )?pairs are equivalent: they differ by less than 50 points\. "
        r"Farthest apart: \S+ against \S+, \S+ points\.",
        alike,
    )
    assert told
    assert int(told[1]) + len(ahead) == 10


def test_what_is_established_stays_apart_from_many_open_pairs(make: Make) -> None:
    """A norm that fails is named against each of the others; the rest is told together."""
    norms = {"norm": ["bn", "ln", "in", "gn:2", "gn:4"]}
    sentences = said(build(make(vary=norms, seeds=6, errors={"ln": 0.4})), "Which norm?")
    assert sum("is better than ln by" in sentence for sentence in sentences) == 4
    assert len(sentences) == 4 + 6


def test_what_waits_for_an_earlier_seed_is_said(make: Make) -> None:
    """While one may look at any time, seeds count in their order; none is dropped in silence."""
    made = make(arms=THREE[:2], seeds=8, until_settled=True)
    gap = replace(made, runs=[run for run in made.runs if (run.arm, run.seed) != ("ln", 5)])
    said_so = "Seeds count in their order, so that what is settled stays settled: 2 later seeds wait for seed 5."
    assert said_so in said(build(gap), "What is missing")
    assert not any("count in their order" in sentence for sentence in build(made).findings)


def test_where_the_first_seed_is_missing_nothing_can_be_compared_yet(make: Make) -> None:
    """The headline and the pair's sentence say what is waited for, and not that nothing has finished."""
    made = make(arms=THREE[:2], seeds=2, until_settled=True)
    view = build(replace(made, runs=[run for run in made.runs if (run.arm, run.seed) != ("ln", 0)]))
    assert view.headline == "No two arms can be compared yet: 1 later seed waits for seed 0."
    assert said(view, "Which norm?") == [
        "bn against ln: 1 later seed waits for seed 0, so they cannot be compared yet."
    ]


def test_the_chance_that_more_seeds_settle_a_pair_is_said(make: Make) -> None:
    """Of a study that stops when it is settled: of the pair that is farthest from it, by the seeds that are left."""
    made = make(arms=THREE[:2], seeds=40, until_settled=True, missing=70)
    (sentence,) = said(build(made), "What is missing")
    assert re.fullmatch(
        r"Not settled yet: up to 70 more runs may be added by the same command; "
        r"the chance that they settle bn against ln is \d+%\.",
        sentence,
    )
    assert "chance" not in " ".join(said(build(make(arms=THREE[:2], missing=1)), "What is missing"))
