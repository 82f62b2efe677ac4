from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from normlab.report.view import build

if TYPE_CHECKING:
    from comparisons import Make

THREE = [{"norm": "bn"}, {"norm": "ln"}, {"norm": "gn:4"}]


def test_of_equal_arms_the_smallest_is_taken(make: Make) -> None:
    """Within a margin that all differences lie in, fewer parameters decide."""
    comparison = make(arms=THREE, seeds=5, margin=3.0)
    assert re.match(r"\S+: equal to the others within 3 points", build(comparison).glance.take)
    assert build(comparison).glance.proof == "All 3 comparisons settled, at 95% confidence."
    assert build(comparison).glance.command == ""


def test_an_arm_that_is_beaten_is_never_taken(make: Make) -> None:
    """Though nothing else is settled; and what is open has its command."""
    glance = build(make(arms=THREE, seeds=8, errors={"ln": 0.1})).glance
    assert not glance.take.startswith("ln")
    if "open" in glance.proof:
        assert re.fullmatch(r"normlab compare compare --(seeds \d+|until-settled)", glance.command)


def test_an_arm_that_diverged_is_not_taken_where_others_did_not(make: Make) -> None:
    """However well its other seeds did."""
    glance = build(make(arms=THREE, seeds=3, errors={"bn": 0.0}, diverged=[("bn", 0, 1)])).glance
    assert not glance.take.startswith("bn")


def test_an_arm_alone_is_taken_for_what_is_known_of_it(make: Make) -> None:
    """That the other is worse where that is shown, and else only that its own runs learned."""
    won = build(make(arms=THREE[:2], seeds=8, errors={"ln": 0.2})).glance.take
    stuck = build(make(arms=THREE[:2], seeds=3, errors={"ln": 0.9})).glance.take
    assert re.fullmatch(r"bn: every other arm is shown to be worse \(\d\d\.\d\d%\)\.", won)
    assert re.fullmatch(r"bn: (no arm is shown to be better, and every run of it learned|every other .*) \(.*", stuck)


def test_one_seed_gives_nothing_to_choose_by(make: Make) -> None:
    """No arm is taken, and the card says that one seed cannot tell."""
    glance = build(make(arms=THREE, seeds=1)).glance
    assert glance.take == ""
    assert [card.answer for card in glance.cards] == ["One seed cannot tell"]


def test_what_is_missing_goes_on_by_the_same_command(make: Make) -> None:
    """Before anything else is asked for."""
    glance = build(make(arms=THREE, seeds=3, missing=2)).glance
    assert (glance.proof, glance.command) == ("2 runs still missing; this goes on.", "normlab compare compare")


@pytest.mark.slow
def test_a_study_that_has_used_up_its_seeds_gets_room_for_more(make: Make) -> None:
    """By the command that goes on: what it may take by default, it may have taken."""
    few, many = (make(arms=THREE[:2], seeds=seeds, until_settled=True, margin=0.001) for seeds in (6, 24))
    assert build(few).glance.command == "normlab compare compare --until-settled"
    assert build(many).glance.command == "normlab compare compare --until-settled --max-seeds 48"


def test_the_command_takes_what_is_enough_for_the_pair_that_is_farthest(make: Make) -> None:
    """The upper end of its range of seeds to add, where that is known; else seeds are added until it is settled."""
    view = build(make(arms=THREE, seeds=3))
    needed = [contrast.verdict.more for contrast in view.facts.contrasts if not contrast.verdict.settled]
    known = [3 + seeds for seeds in needed if seeds is not None and seeds <= 100]
    wanted = f"--seeds {max(known)}" if len(known) == len(needed) else "--until-settled"
    assert view.glance.command == f"normlab compare compare {wanted}"


def test_two_seeds_print_no_interval_while_a_pair_is_open(make: Make) -> None:
    """It would reach over a hundred points: two seeds cannot tell."""
    view = build(make(arms=THREE[:2], seeds=2))
    (card,) = view.glance.cards
    assert re.fullmatch(r"bn − ln: [+−]?\d\.\d{3} points", card.effect)
    assert any("; 2 seeds cannot tell; " in sentence for sentence in view.findings)


def test_a_winner_is_named_by_its_level(make: Make) -> None:
    """Best where it is ahead of all, with the size of the largest difference and its interval."""
    view = build(make(arms=THREE[:2], seeds=8, errors={"ln": 0.2}))
    (card,) = view.glance.cards
    assert card.answer == "bn is best"
    assert re.fullmatch(r"bn − ln: \+\d+\.\d{3} points \(\+\d+\.\d{3} to \+\d+\.\d{3}\)", card.effect)
    assert card.evidence == "8 seeds · 1 of 1 pair settled"


def test_of_paths_the_sparsest_choice_is_taken(make: Make) -> None:
    """With what it is worth; before all is there, nothing is."""
    arms = [{"norm": "bn"}, *({"norm": "bn", "penalty": {"kind": "prox", "lambda": lam}} for lam in (1e-4, 1e-3))]
    take = build(make(arms=arms, holdout=1_000, warm_start=True)).glance.take
    assert re.fullmatch(r"bn \+ prox 0\.\d+: \d+\.\d% of its weights exactly zero, within one .*", take)
    assert build(make(arms=arms, holdout=1_000, warm_start=True, missing=1)).glance.take == ""


def test_a_loser_is_named_where_no_arm_wins(make: Make) -> None:
    """Of three the one that both others beat; what is between these is open."""
    view = build(make(arms=THREE, seeds=8, errors={"ln": 0.1}))
    assert [card.answer for card in view.glance.cards] == ["ln is worst"]


@pytest.mark.parametrize(
    ("project", "said"),
    [(None, ""), (Path("normlab-out"), ""), (Path("my runs"), " --out 'my runs'")],
)
def test_the_command_names_the_folder_of_its_study(make: Make, project: Path | None, said: str) -> None:
    """Where it is not the usual one, quoted for a shell."""
    glance = build(make(arms=THREE, seeds=3)).glance
    assert glance.command_in(project) == glance.command + said


def test_crossed_factors_have_a_card_of_their_own(make: Make) -> None:
    """Whether the answer to one depends on the other: yes, by how much, from where to where."""
    view = build(make(vary={"norm": ["bn", "ln"], "batch_size": [16, 64]}, seeds=6, errors={"bn · batch 16": 0.1}))
    last = view.glance.cards[-1]
    assert last.question == "Does the answer about the norm depend on the batch size?"
    assert last.answer == "Yes"
    assert re.fullmatch(r"bn − ln: \+\d+\.\d{3} points from batch 16 to batch 64", last.effect)
    assert last.anchor in {chapter.anchor for chapter in view.chapters}


@pytest.mark.slow
def test_interactions_that_are_open_share_a_card(make: Make) -> None:
    """Three factors would have three, which say the same."""
    view = build(make(vary={"norm": ["bn", "ln"], "batch_size": [16, 64], "optimizer.lr": [0.05, 0.1]}, seeds=3))
    *factors, last = view.glance.cards
    assert len(factors) == 3
    assert (last.question, last.answer) == ("Do the answers depend on each other?", "Not enough evidence yet")
    assert last.evidence == "3 seeds · 6 changes of a difference"
    assert last.anchor in {chapter.anchor for chapter in view.chapters}
