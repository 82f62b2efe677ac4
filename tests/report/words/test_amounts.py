"""What a report says of arms that are judged by another outcome than accuracy."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from rich.console import Console

from normlab.outcomes import find
from normlab.report import charts, text
from normlab.report.exports import paper
from normlab.report.methods import methods
from normlab.report.tables import table
from normlab.report.view import build
from normlab.report.words import amounts
from normlab.spec.registration import Design, Registered, Registration

if TYPE_CHECKING:
    from comparisons import Make

    from normlab.records import Comparison

THREE = [{"norm": "bn"}, {"norm": "ln"}, {"norm": "gn:4"}]
WORSE = {"bn": 0.012}
LOSS: dict[str, Any] = {"outcome": "cross-entropy", "margin": 0.005}


@pytest.fixture
def three(make: Make) -> Comparison:
    """Judged by cross-entropy: bn is worse than both others, which are equivalent."""
    return make(arms=THREE, seeds=5, images=10_000, errors=WORSE, **LOSS)


def registered(made: Comparison) -> Comparison:
    """The comparison, had it been registered as it is."""
    design = Design.of(made.study, made.study.digests, "a")
    known = {"registered": "2026-11-30T12:00:00+00:00", "trained": 0, "digest": design.digest, "design": design}
    return replace(made, registered=Registered(registration=Registration(study="compare", **known), now=design))


def test_numbers_have_the_decimals_and_the_unit_of_their_outcome() -> None:
    """A share of images has its sign, nats their name, and a Brier score neither."""
    names = ("accuracy", "cross-entropy", "brier", "ece")
    told = [amounts.value(0.25, find(name)) for name in names]
    assert told == ["0.25%", "0.2500 nats", "0.2500", "0.250 points"]
    assert [amounts.difference(0.5, find(name)) for name in names] == [
        "+0.500 points",
        "+0.50000 nats",
        "+0.50000",
        "+0.5000 points",
    ]


@pytest.mark.slow
def test_the_headline_says_what_differs_and_by_which_unit(three: Comparison) -> None:
    """And names the outcome beside what the arms reach."""
    assert build(three).headline.startswith("ln and gn:4 are better than bn by 0.0179 to 0.0189 nats; ln and gn:4 are ")
    assert "within 0.005 nats (cross-entropy 0.0221 to 0.0410 nats, 5 seeds)" in build(three).headline


@pytest.mark.slow
def test_the_better_arm_is_the_one_with_the_lower_loss(three: Comparison) -> None:
    """In sentences, on the cards and in what to take."""
    view = build(three)
    assert "ln is better than bn by 0.01791 nats (0.01289 to 0.02294, 5 seeds)." in view.findings
    assert [(card.answer, card.effect.split(" (")[0]) for card in view.glance.cards] == [
        ("bn is worst", "bn − gn:4: +0.01887 nats")
    ]
    assert view.glance.take.endswith("with the lowest mean cross-entropy (0.0221 nats).")
    equal = next(said for said in view.findings if said.startswith("ln and gn:4 are equivalent"))
    assert "they differ by less than 0.005 nats (+0.00095" in equal


def test_open_pairs_and_single_seeds_have_the_unit_too(make: Make) -> None:
    """A Brier score has none, and gets none."""
    few = build(make(arms=THREE[:2], seeds=3, outcome="cross-entropy", margin=0.0001)).findings
    assert any(" nats (" in said and "not enough evidence" in said for said in few)
    single = build(make(arms=THREE[:2], seeds=1, outcome="brier", margin=0.001)).findings
    (one,) = (said for said in single if said.startswith("One seed cannot tell these apart"))
    assert one.count("0.0") == 2
    assert "%" not in one


def test_the_command_that_adds_seeds_judges_by_it(make: Make) -> None:
    """A study that was judged anew by it is otherwise judged by accuracy again."""
    open_ = make(arms=THREE, seeds=3, images=10_000, **LOSS)
    assert build(open_).glance.command.endswith(" --outcome cross-entropy --margin 0.005")


@pytest.mark.slow
def test_an_outcome_that_was_not_named_beforehand_is_said_to_be_so(three: Comparison) -> None:
    """Registered, or judged by accuracy, there is nothing to say."""
    said = "Arms are judged by cross-entropy, and not by accuracy."
    assert any(told.startswith(said) for told in build(three).findings)
    assert not any(told.startswith(said) for told in build(registered(three)).findings)


@pytest.mark.slow
def test_a_run_without_a_number_is_named(three: Comparison) -> None:
    """Before anything else is said, since it counts as a failure."""
    last = {("ln", 2): float("inf")}
    runs = [
        replace(run, epochs=[*run.epochs[:-1], replace(run.final, judged_loss=last[run.arm, run.seed])])
        if (run.arm, run.seed) in last
        else run
        for run in three.runs
    ]
    view = build(replace(three, runs=runs))
    assert view.findings[0] == "ln: the cross-entropy of 1 of 5 runs is no number (seed 2): a failure."
    assert "no verdict on 2 of 3 pairs, since an arm failed" in view.headline
    assert view.headline.endswith("ln failed in 1 of 5 runs.")


@pytest.mark.slow
def test_what_is_known_of_accuracies_alone_is_not_said(three: Comparison) -> None:
    """Their counting noise, their best epochs, and what they would be on other images."""
    told = " ".join(build(three).findings)
    assert "one standard error of one run" not in told
    assert "Ranked by best" not in told
    assert "Numbers hold for these 10,000 test images and seeds 0 to 4; what they would be on others is" in told
    assert "Verdicts on cross-entropy are about runs that do not fail." in told


@pytest.mark.slow
def test_methods_name_the_outcome_its_unit_and_its_way(three: Comparison) -> None:
    """The margin is in its unit; a collapse is one of accuracy."""
    said = " ".join(methods(build(three).facts).text)
    assert "The outcome is cross-entropy (in nats, lower is better) on 10,000 test images" in said
    assert "a margin of ±0.005 nats, both corrected" in said
    assert "at least 0.1 points below their mean" in said
    assert "Other outcomes were explored in the same pairs: accuracy, Brier score," in said


@pytest.mark.slow
def test_tables_have_a_column_of_it(three: Comparison) -> None:
    """Beside accuracy: on a terminal, in Markdown, for a paper, in CSV and in JSON."""
    console = Console(width=80, file=io.StringIO(), record=True)
    text.show(three, console)
    assert "cross-entropy, nats" in console.export_text()
    assert "| cross-entropy, nats | final test % |" in table(three, "markdown")
    tex = paper.text(three)
    assert "% Cross-entropy on test images in nats, lower is better: mean over seeds" in tex
    assert "against gn:4" in tex
    assert r"bn & 5 & 0.0410" in tex
    assert "outcome_mean" in table(three, "csv").splitlines()[0]
    known = json.loads(table(three, "json"))
    assert known["outcome"] == {"outcome": "cross-entropy", "unit": "nats", "better": "lower", "margin": 0.005}
    assert known["arms"][0]["outcome_mean"] == pytest.approx(0.0410, abs=1e-4)
    assert [pair["verdict"] for pair in known["questions"][0]["contrasts"]] == ["worse", "worse", "equivalent"]


@pytest.mark.slow
def test_charts_are_of_it(three: Comparison) -> None:
    """Their axes have its unit, and say that lower is better."""
    drawn = {figure.name: figure for figure in charts.figures(build(three).facts)}
    assert drawn["finals"].title == "Final test cross-entropy"
    assert "final test cross-entropy (nats)" in json.dumps(drawn["finals"].chart.to_dict())
    assert "difference (nats, lower is better)" in json.dumps(drawn["differences"].chart.to_dict())
    assert "Lower is better." in drawn["finals"].sentence
