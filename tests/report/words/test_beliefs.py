from __future__ import annotations

import json
from typing import TYPE_CHECKING

from normlab.report.tables import table
from normlab.report.view import build
from normlab.report.words import beliefs

if TYPE_CHECKING:
    from comparisons import Make

TWO = [{"norm": "bn"}, {"norm": "ln"}]


def test_each_pair_is_told_behind_what_the_view_is_not(make: Make) -> None:
    """Three probabilities, and that they are no verdict, know no looks, no failures and no number of pairs."""
    view = build(make(arms=TWO, seeds=8, errors={"bn": 0.006, "ln": 0.02}))
    (chapter,) = (each for each in view.told if each.anchor == beliefs.ANCHOR)
    lead, pair = chapter.sentences
    assert "not one of them" in lead
    assert "within ±0.1 points" in lead
    assert "looks, failed runs and the number of pairs" in lead
    assert pair == "bn against ln: better > 99%, equal < 1%, worse < 1%."


def test_json_has_them_or_why_not(make: Make) -> None:
    """A pair on one seed has none, and says so."""
    (several,) = json.loads(table(make(arms=TWO, seeds=5), "json"))["evidence"]
    assert abs(sum(several["beliefs"].values()) - 1) < 1e-9
    assert several["no_beliefs"] == ""
    (one,) = json.loads(table(make(arms=TWO, seeds=1), "json"))["evidence"]
    assert (one["beliefs"], one["no_beliefs"]) == (None, "fewer than two seeds")


def test_an_arm_that_failed_alone_has_no_probability_to_be_better(make: Make) -> None:
    """The runs that are left would speak for it."""
    comparison = make(arms=TWO, seeds=6, errors={"bn": 0.006, "ln": 0.02}, diverged=[("bn", 2, 3)])
    (one,) = json.loads(table(comparison, "json"))["evidence"]
    assert one["beliefs"] is None
    assert one["no_beliefs"] == "an arm failed where the other did not"
