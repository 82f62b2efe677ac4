"""Which verdicts answer a question, and what is said of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from normlab.archive import Answer, asked, shelf
from normlab.archive.words import lines, nothing, payload, sentence
from normlab.stats.verdict import Kind


def answers(wanted: Mapping[str, list[Any]], **rules: float) -> tuple[Answer, ...]:
    return asked(shelf(), wanted, **rules)


def levels(found: tuple[Answer, ...], path: str) -> set[Any]:
    """Of a field, those of all arms."""
    return {level for row in payload(found) for level in (each.get(path) for each in row["levels"])}


@pytest.mark.slow
def test_several_levels_are_to_be_compared_and_one_is_shared() -> None:
    """Norms at a batch size: no pair of batch sizes, and no other batch."""
    found = answers({"norm": ["bn", "gn:4"], "batch_size": [4]})
    assert found
    assert levels(found, "norm") == {"bn", "gn:4"}
    assert levels(found, "batch_size") == {4}
    assert {answer.contrast.factor for answer in found} == {"norm"}


@pytest.mark.slow
def test_one_level_alone_is_compared_with_all_others() -> None:
    """Both arms have it, or what they differ in is that."""
    found = answers({"norm": ["brn"]})
    assert {row["factor"] for row in payload(found)} == {"norm", "batch_size"}
    for row in payload(found):
        assert "brn" in {each["norm"] for each in row["levels"]}
        assert row["factor"] == "norm" or {each["norm"] for each in row["levels"]} == {"brn"}


@pytest.mark.slow
def test_a_word_means_all_of_its_kind() -> None:
    """`gn` is any number of groups, and nothing that only begins so."""
    assert levels(answers({"norm": ["bn", "gn"], "dataset": ["mnist"]}), "norm") >= {"bn", "gn:4"}
    assert not answers({"norm": ["g"]})


@pytest.mark.slow
def test_a_field_that_changes_nothing_in_an_arm_has_no_level_there() -> None:
    """Without λ there is no kind of penalty: a study of norms is no answer about prox."""
    found = answers({"penalty.kind": ["prox"]})
    assert found
    assert all(len({each.recipe.penalty.lam for each in answer.study.arms} | {0.0}) > 1 for answer in found)
    assert not {answer.study.name for answer in found} & {"norm-batch", "course-norms"}


@pytest.mark.slow
def test_another_margin_gives_other_verdicts() -> None:
    """They are reached again, and said with the margin that they were reached by."""
    wanted = {"norm": ["bn", "ln"], "batch_size": [64], "dataset": ["mnist"], "model": ["lean"]}
    (usual,), (wide,) = answers(wanted), answers(wanted, margin=0.3)
    assert (usual.contrast.verdict.kind, wide.contrast.verdict.kind) == (Kind.open, Kind.equivalent)
    assert "are not told apart: " in sentence(usual)
    assert "batch 64: bn and ln are equivalent within 0.3: " in sentence(wide)


@pytest.mark.slow
def test_the_better_one_is_named_first() -> None:
    """With how much better it is, and what the two have in common before it."""
    (found,) = answers({"norm": ["bn", "ln"], "batch_size": [4]})
    assert found.contrast.verdict.kind is Kind.worse
    assert sentence(found) == "batch 4: ln is better than bn by 0.102 points (0.004 to 0.200)"


@pytest.mark.slow
def test_seeds_on_which_an_arm_failed_are_told() -> None:
    """A difference is of the others, and how often each arm failed stands beside it."""
    (found,) = answers({"norm": ["bn", "ln"], "model": ["s8"]})
    assert sentence(found) == "bn is better than ln by 8.240 points (7.795 to 8.685), on 3 seeds (ln failed on 2 of 5)"


def test_what_is_known_comes_first_and_how_it_is_repeated_last() -> None:
    """Under a line on the study."""
    head, first, *_, last = lines(answers({"norm": ["bn", "ln", "gn:4"], "batch_size": [4], "dataset": ["mnist"]}))
    assert head.startswith("norm-batch: lean on mnist, 4 epochs, 10 seeds, 10,000 test images, 20")
    assert "is better than" in first
    assert last == "  Again: normlab answers --toml norm-batch > norm-batch.toml && normlab compare norm-batch.toml"


def test_a_question_without_an_answer_says_what_there_is() -> None:
    """And how it would be answered."""
    assert not answers({"batch_size": [5]})
    told = [*nothing(shelf(), {"batch_size": [5]})]
    assert "normlab publish" in told[0]
    assert told[1] == "  batch size: there are 2, 4, 8, 16, 32, 64, 128, 256"


@pytest.mark.parametrize("answer", answers({}), ids=lambda answer: f"{answer.study.name}: {answer.contrast.arms}")
def test_every_answer_can_be_said(answer: Answer) -> None:
    """On one line."""
    assert "\n" not in sentence(answer)
    assert "nan" not in sentence(answer)
