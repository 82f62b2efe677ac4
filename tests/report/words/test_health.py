from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

from normlab.records import Checkup, Comparison
from normlab.report.tables import table
from normlab.report.view import build

if TYPE_CHECKING:
    from comparisons import Make

WELL = Checkup(500, 480, 481, 1000, 950, 950, 0.05, "norm2", 40, 0)
FIVE = ((700, 80), (710, 82), (690, 79), (705, 80), (695, 81))
PLAIN = Checkup(0, 0, 0, 0, 0, 0, 0.0, "", 8, 0)


def seen(make: Make, *bn: Checkup, ln: Checkup = PLAIN) -> Comparison:
    """Batch and layer norm on as many seeds as there are checkups of batch norm."""
    comparison = make(arms=[{"norm": "bn"}, {"norm": "ln"}], seeds=len(bn))
    checkups = {run.key: bn[run.seed] if run.arm == "bn" else ln for run in comparison.runs}
    return replace(comparison, checkups=checkups)


def told(comparison: Comparison) -> tuple[str, ...]:
    """The sentences of the chapter."""
    chapters = {chapter.heading: chapter.sentences for chapter in build(comparison).chapters}
    return chapters.get("Are the norms well?", ())


def test_norms_that_are_well_are_not_mentioned(make: Make) -> None:
    """Nothing is said where nothing is wrong, nor where nobody looked."""
    assert told(seen(make, WELL, WELL, WELL)) == ()
    assert told(make(arms=[{"norm": "bn"}, {"norm": "ln"}], seeds=2)) == ()


def test_running_statistics_that_cost_accuracy_on_every_seed_are_told(make: Make) -> None:
    """With the points, and what the same weights would get."""
    ill = [replace(WELL, right=right, recalibrated=right + more) for right, more in FIVE]
    (sentence,) = told(seen(make, *ill))
    assert sentence.startswith("bn: judging with running statistics costs 8.04 points. Estimated again on training")
    assert "78.04" in sentence


def test_a_gap_that_settles_nothing_is_told_as_such(make: Make) -> None:
    """Other statistics, and no verdict on what they cost."""
    wide = replace(WELL, running=430, batch=480, drift=0.4)
    (sentence,) = told(seen(make, wide, replace(wide, recalibrated=960)))
    assert sentence.startswith(
        "bn: 10.0 points more of the same training images are right by their batches' statistics"
    )
    assert "0.40 standard deviations apart in norm2" in sentence
    assert "not enough evidence" in sentence


def test_channels_that_never_vary_are_told_of_any_norm(make: Make) -> None:
    """A quarter of them and more."""
    assert told(seen(make, WELL, WELL, ln=replace(PLAIN, idle=2))) == (
        "ln: 25.00% of its groups of channels never vary in the end.",
    )


def test_the_json_has_it_in_any_case(make: Make) -> None:
    """Null where there are no running statistics."""
    bn, ln = json.loads(table(seen(make, WELL, WELL), "json"))["health"]
    assert (bn["gap_mean"], bn["recalibrated_accuracy_mean"], bn["layer"]) == (0.2, 95.0, "norm2")
    assert (ln["gap_mean"], ln["verdict"], ln["idle_mean"]) == (None, None, 0.0)
