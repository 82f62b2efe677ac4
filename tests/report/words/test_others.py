from __future__ import annotations

import io
import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from comparisons import environment, judging
from rich.console import Console

from normlab.analysis import gather
from normlab.records import Comparison
from normlab.report import details, html
from normlab.report.tables import table
from normlab.report.view import build
from normlab.report.words import others

if TYPE_CHECKING:
    from comparisons import Make

TWO = [{"norm": "bn"}, {"norm": "ln"}]


@pytest.fixture(scope="module")
def worse(make: Make) -> Comparison:
    """Layer norm three times as often wrong, on ten seeds; it never gets to 99 %."""
    return make(arms=TWO, seeds=10, images=2_000, errors={"bn": 0.006, "ln": 0.02})


def told(comparison: Comparison) -> list[str]:
    return [*others.sentences(gather(comparison))]


def test_what_stands_is_told_with_the_better_arm_first(worse: Comparison) -> None:
    """With its direction, size, interval, seeds and corrected p-value; the lead says that it is exploratory."""
    lead, *rest = told(worse)
    assert lead == (
        "Exploratory: 6 other outcomes of 1 pair, corrected together by Holm’s procedure at 95.5 %; no verdict rests "
        "on them."
    )
    assert any(
        said.startswith("Cross-entropy: lower with bn than with ln by 0.04") and said.endswith("10 seeds, p < 0.001).")
        for said in rest
    )
    assert any(said.startswith("Accuracy of the worst class: higher with bn than with ln by ") for said in rest)
    assert "Epochs to 99 %: lower with bn than with ln on 10 of 10 seeds (p = 0.004)." in rest
    assert "Epochs to 99 %: never reached by ln in 10 of 10 runs, which count as more than all that did." in rest


def test_where_nothing_stands_that_is_said(make: Make) -> None:
    """Of equal arms on three seeds."""
    lead, *rest = told(make(arms=TWO))
    assert lead.endswith("None of them stands.")
    assert not any("with bn" in said for said in rest)


def test_the_bias_of_calibration_is_told_in_numbers(worse: Comparison) -> None:
    """How large errors are with it, and what chance alone would make of perfect probabilities."""
    (said,) = (said for said in told(worse) if said.startswith("Calibration errors are debiased"))
    assert "perfect probabilities would have 1.092 to 1.134." in said


def test_what_is_left_out_is_told(make: Make) -> None:
    """Runs that recorded no probabilities, and seconds of two machines."""
    comparison = make(arms=TWO)
    bare = judging(comparison.runs[0], comparison.runs[0].probabilities[:0])
    comparison = replace(comparison, runs=[replace(bare, environment=environment(threads=2)), *comparison.runs[1:]])
    said = told(comparison)
    assert "Brier score: not recorded in 1 run, which is left out." in said
    assert "Seconds a run: 1 difference left out, of runs that were made in two places." in said


def test_of_many_that_stand_some_are_told_and_counted(make: Make) -> None:
    """The table has the others."""
    arms = [{"norm": norm} for norm in ("bn", "ln", "gn:4", "in")]
    errors = {"bn": 0.004, "ln": 0.012, "gn:4": 0.03, "in": 0.07}
    said = told(make(arms=arms, seeds=12, images=2_000, errors=errors))
    assert any(one.endswith(" more stand; the table has all.") for one in said)


@pytest.mark.long
def test_the_terminal_and_the_page_and_the_numbers_have_it(worse: Comparison) -> None:
    """With details every pair, in a folded part of the page, and in JSON; a terminal at a glance opens nothing."""
    console = Console(width=120, record=True, file=io.StringIO())
    console.print(details.detailed(build(worse), 120))
    printed = console.export_text()
    assert "What else differs?" in printed
    assert "higher on 0, lower on 10" in printed
    page = html.render(worse)
    assert page.count('id="what-else-differs"') == 1
    assert "6 comparisons in numbers" in page
    assert "calibration error (lower is better)" in page
    known = json.loads(table(worse, "json"))["others"]
    assert known["confidence"] == pytest.approx(0.955)
    assert {each["outcome"]: each["better"] for each in known["outcomes"]}["worst-class"] == "higher"
    (speed,) = (each for each in known["pairs"] if each["outcome"] == "epochs-to-99")
    assert (speed["differences"], speed["mean"], speed["stands"]) == ([None] * 10, None, True)
    assert len(known["arms"]) == 2 * len(known["outcomes"])


@pytest.mark.slow
def test_a_study_without_pairs_has_no_such_part(make: Make) -> None:
    """Nothing to compare, nothing said."""
    alone = make(arms=[{"norm": "bn"}])
    assert told(alone) == []
    assert "what-else-differs" not in html.render(alone)
    assert json.loads(table(alone, "json"))["others"] is None
