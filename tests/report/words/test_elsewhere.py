from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from comparisons import judging

from normlab.records import Comparison
from normlab.report.view import build
from normlab.report.words.elsewhere import HEADING
from normlab.stats.verdict import Kind

if TYPE_CHECKING:
    from comparisons import Make

TWO = [{"norm": "bn"}, {"norm": "ln"}]


def said(comparison: Comparison) -> list[str]:
    """What is said of other images."""
    return [line for chapter in build(comparison).told if chapter.heading == HEADING for line in chapter.sentences]


def missing(comparison: Comparison, **images: range) -> Comparison:
    """The same study, had the arms of these names missed just these images, in every run."""
    runs = [
        judging(run, _chances(comparison, images[run.arm])) if run.arm in images else run for run in comparison.runs
    ]
    return replace(comparison, runs=runs)


def _chances(comparison: Comparison, images: range) -> np.ndarray:
    taken = comparison.labels.copy()
    taken[list(images)] = (taken[list(images)] + 1) % 10
    return np.eye(10, dtype=np.float32)[taken]


def test_one_sentence_says_for_which_images_and_what_others_would_give(make: Make) -> None:
    """With both intervals of the pair that is farthest apart."""
    first, *_ = said(make(arms=TWO, seeds=5, errors={"ln": 0.05}))
    number = r"[+−]?\d+\.\d{3}"
    assert re.fullmatch(
        rf"Verdicts hold for these 1,000 test images and seeds 0 to 4\. With other images of the same kind, "
        rf"bn − ln would be within {number} to {number} points \(here {number} to {number}\)"
        rf"(; with any number of seeds still ±{number})?\.",
        first,
    )


def test_a_verdict_that_rests_on_a_few_images_is_named(make: Make) -> None:
    """Six images that one arm misses in every run: sure on these, and chance on others. The verdict stays."""
    made = make(arms=TWO, seeds=8, errors={"bn": 0.004, "ln": 0.010})
    few = missing(made, bn=range(4), ln=range(4, 14))
    (contrast,) = build(few).facts.contrasts
    assert contrast.verdict.kind is Kind.better
    found = build(few).facts.elsewhere(contrast)
    assert found is not None
    assert found.interval.low < 0 < contrast.verdict.interval.low  # type: ignore[union-attr]  # it is better
    assert found.images_alone == pytest.approx(0.73, abs=0.05)
    assert "On other images this need not be so: bn better than ln." in said(few)


def test_one_seed_knows_nothing_of_other_images(make: Make) -> None:
    """Nor does a study without a run say anything."""
    (line,) = said(make(arms=TWO, seeds=1))
    assert line == "Numbers hold for these 1,000 test images and seed 0; what they would be on others is not known."
    assert said(make(arms=TWO, missing=6)) == []


@pytest.mark.slow
def test_of_many_pairs_the_farthest_apart_are_told(make: Make) -> None:
    """The table has all."""
    arms = [{"norm": norm} for norm in ("bn", "ln", "gn:4", "in", "rms")]
    lines = said(make(arms=arms, seeds=4))
    assert len([line for line in lines if "(here " in line]) == 6
