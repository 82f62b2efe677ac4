from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from normlab.report.view import build

if TYPE_CHECKING:
    from comparisons import Make

    from normlab.records import Comparison

VARY = {"norm": ["bn", "ln"], "batch_size": [16, 64]}
QUESTION = "Does the answer about the norm depend on the batch size?"


def answer(comparison: Comparison, question: str = QUESTION) -> str:
    """The one sentence under a question."""
    (sentence,) = next(chapter.sentences for chapter in build(comparison).chapters if chapter.heading == question)
    return sentence


def test_a_change_that_is_established_is_told(make: Make) -> None:
    """Which difference, by how much and between which levels, turned so that it is positive."""
    told = answer(make(vary=VARY, seeds=6, errors={"bn · batch 16": 0.1}))
    number = r"\d+\.\d{3}"
    assert re.fullmatch(
        rf"Yes: bn − ln is {number} points \({number} to {number}, 6 seeds\) higher with batch 64 than with batch 16\.",
        told,
    )


@pytest.mark.slow
def test_of_several_changes_the_widest_is_told(make: Make) -> None:
    """And how many are established."""
    vary = {**VARY, "norm": ["bn", "ln", "in"]}
    told = answer(make(vary=vary, seeds=6, errors={"bn · batch 16": 0.1}))
    assert told.startswith("Yes: bn − ")
    assert told.endswith("; 2 of 3 such changes are established.")


def test_what_is_not_known_is_open(make: Make) -> None:
    """The change so far, with its interval."""
    told = answer(make(vary=VARY, seeds=2))
    assert told.startswith("Not enough evidence; bn − ln is ")


def test_no_change_that_matters(make: Make) -> None:
    """Every difference of differences lies within the margin."""
    assert answer(make(vary=VARY, seeds=6, margin=5.0)) == "No: the difference changes by less than 5 points."


def test_a_penalty_is_with_or_without(make: Make) -> None:
    """As people say it."""
    made = make(vary={"norm": ["bn", "ln"], "penalty.lambda": [0.0, 1e-4]}, seeds=6, errors={"bn": 0.1})
    told = answer(made, "Does the answer about the norm depend on λ?")
    assert told.endswith("higher with L1 0.0001 than without.")


def test_one_seed_answers_nothing(make: Make) -> None:
    """There is no such heading."""
    assert QUESTION not in [chapter.heading for chapter in build(make(vary=VARY, seeds=1)).chapters]


def test_only_seeds_of_all_four_arms_count(make: Make) -> None:
    """A run that is missing in one of them takes its seed away."""
    made = make(vary=VARY, seeds=4)
    less = replace(made, runs=[run for run in made.runs if (run.arm, run.seed) != ("ln · batch 64", 2)])
    assert "3 seeds" in answer(less)
