"""As registered, or what differs."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from normlab.report.view import build
from normlab.report.words.registered import differences, sentence
from normlab.spec import Study, design
from normlab.spec.registration import Design, Registered, Registration

if TYPE_CHECKING:
    from comparisons import Make

STUDY = design(norms=["bn", "ln"], seeds=5, epochs=3)


def of(study: Study, treatments: tuple[str, ...] = (), images: str = "a") -> Design:
    return Design.of(study, treatments or study.digests, images)


def registered(study: Study, now: Study, trained: int = 0) -> Registered:
    planned = of(study)
    when = "2026-11-30T12:00:00+00:00"
    known: dict[str, Any] = {"registered": when, "trained": trained, "digest": planned.digest, "design": planned}
    return Registered(registration=Registration(study=study.name, **known), now=of(now))


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"margin": 0.05}, ["the margin is 0.05 points, not 0.1 points"]),
        (
            {"outcome": "cross-entropy", "margin": 0.05},
            [
                "the primary outcome is cross-entropy on the test images after the last epoch, not accuracy on the",
                "the margin is 0.05 nats, not 0.1 points",
            ],
        ),
        ({"level": 0.9}, ["the level is 0.9, not 0.95"]),
        ({"seeds": 8}, ["there are 8 seeds, not 5 seeds"]),
        ({"seeds": [5, 6, 7, 8, 9]}, ["the seeds are others, or in another order"]),
        ({"seeds": 40, "until_settled": True}, ["there are up to 40 seeds until all is settled, not 5 seeds"]),
        ({"arms": [{"norm": "in"}]}, ["there is a new arm, in"]),
        ({"baseline": "bn"}, ["the baseline is bn, not none"]),
        ({"epochs": 4}, ["epochs is 4, not 3"]),
        ({"holdout": 100}, ["the primary outcome is accuracy on the held-out images", "is 100, not 0"]),
    ],
)
def test_each_change_is_told(changed: dict[str, Any], said: list[str]) -> None:
    """With what it is now and what it was."""
    found = differences(of(STUDY), of(design(STUDY, **changed)))
    assert len(found) == len(said)
    assert all(part in clause for part, clause in zip(said, found, strict=True))


def test_what_is_left_out_and_what_changes_in_one_arm_is_told() -> None:
    """Arms that are gone by name, values and code by their arm."""
    less = design(norms=["bn", "in"], seeds=5, epochs=3)
    assert differences(of(STUDY), of(less)) == ("there is a new arm, in", "the arm ln is left out")
    one, other = (design(arms=[{"norm": "bn"}, {"name": "b", "norm": "ln", "dropout": p}]) for p in (0.1, 0.2))
    assert differences(of(one), of(other)) == ("dropout is 0.2, not 0.1 in b",)
    edited = of(STUDY, (STUDY.digests[0], f"{STUDY.digests[1]}:code"))
    assert differences(of(STUDY), edited) == ("code or images are others in ln",)
    assert differences(of(STUDY), of(STUDY, images="b")) == ("the images are others",)


def test_a_question_that_is_added_is_told() -> None:
    """By the factors that verdicts are wanted on."""
    vary = {"norm": ["bn", "ln"], "batch_size": [16, 64]}
    narrow, wide = design(vary=vary, questions=["norm"]), design(vary=vary)
    assert differences(of(narrow), of(wide)) == ("the questions are about batch size and norm, not norm",)


def test_another_label_is_no_other_arm() -> None:
    """Nor another order of arms; a baseline is what it is."""
    one = design(arms=[{"norm": "bn"}, {"norm": "ln"}], baseline="bn")
    other = design(arms=[{"norm": "ln"}, {"norm": "bn", "name": "usual"}], baseline="usual")
    assert differences(of(one), of(other)) == ()


def test_the_sentence_is_one() -> None:
    """Nothing of a study that was not registered."""
    assert sentence(None) == ""
    assert sentence(registered(STUDY, STUDY)) == "As registered on 2026-11-30, before any of its runs was trained."
    later = sentence(registered(STUDY, design(STUDY, seeds=8, margin=0.2), trained=4))
    assert later == (
        "Not as registered on 2026-11-30, after 4 of its runs were trained: the margin is 0.2 points, not 0.1 points; "
        "there are 8 seeds, not 5 seeds."
    )


def test_the_first_chapter_says_it(make: Make) -> None:
    """Of a study that was registered alone, and at a glance too."""
    made = make(arms=[{"norm": "bn"}, {"norm": "ln"}])
    assert "registered" not in build(made).chapters[0].heading
    known = replace(made, registered=registered(made.study, made.study))
    first = build(known).chapters[0]
    assert (first.heading, first.alarm) == ("Is it as it was registered?", True)
    assert first.sentences == ("As registered on 2026-11-30, before any of its runs was trained.",)
