"""A race: arms that are shown to be worse than another take no more seeds."""

from __future__ import annotations

import pytest
from comparisons import Make

from normlab.analysis import beaten, gather, judge, open_arms
from normlab.errors import SpecError
from normlab.records import Comparison
from normlab.report.words import caution
from normlab.spec import design, from_toml


@pytest.fixture(scope="module")
def comparison(make: Make) -> Comparison:
    """Two arms alike and two that are far worse, and no farther apart than the noise."""
    errors = {"bn": 0.007, "gn:4": 0.007, "ln": 0.05, "none": 0.05}
    race = {"until_settled": True, "race": True}
    return make(vary={"norm": [*errors]}, errors=errors, seeds=12, epochs=4, images=2_000, **race)


@pytest.mark.slow
def test_what_is_open_about_beaten_arms_is_asked_no_more(comparison: Comparison) -> None:
    """Their pair with each other is left out, and they are owed no seeds."""
    questions = judge(comparison)
    assert beaten(questions) == {"ln", "none"}
    assert ("ln", "none") not in [pair for question in questions for pair in question.pairs]
    assert open_arms(questions) <= {"bn", "gn:4"}


def test_the_report_says_who_fell_out(comparison: Comparison) -> None:
    """And what was left open for it."""
    told = list(caution.sentences(gather(comparison)))
    assert told[0] == (
        "A race: ln and none took no more seeds once another was shown to be better; "
        "1 pair with one of them is left open."
    )
    assert any("corrected for all 6 pairs together" in sentence for sentence in told)


def test_it_stands_in_the_studys_file() -> None:
    """And goes with seeds that are added until all is settled."""
    study = design(norms=["bn", "ln"], seeds=10, until_settled=True, race=True)
    assert from_toml(study.to_toml()) == study
    with pytest.raises(SpecError, match="race goes with until_settled"):
        design(norms=["bn", "ln"], race=True)
