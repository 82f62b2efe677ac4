"""Fields that follow another."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from normlab.errors import SpecError, UnknownName
from normlab.spec import Link, Study, design, from_toml

LINEAR = {"base": 0.1, "per": "batch_size", "at": 128}
ROOT = {**LINEAR, "rule": "sqrt"}


def linked(link: dict[str, Any], *sizes: int) -> Study:
    """Batch sizes with a learning rate that follows them."""
    return design(vary={"batch_size": sizes}, set={"optimizer.lr": link})


def refused(path: str, link: dict[str, Any]) -> str:
    """What is said of a link that cannot be."""
    with pytest.raises(SpecError) as caught:
        design(set={path: link})
    assert "\n" not in str(caught.value)
    return str(caught.value)


@given(st.integers(1, 4096))
def test_the_linear_rule_keeps_the_ratio(size: int) -> None:
    """Twice the batch, twice the rate."""
    assert linked(LINEAR, size).arms[0].recipe.optimizer.lr == pytest.approx(0.1 * size / 128)


@given(st.integers(1, 4096))
def test_the_root_rule_grows_by_the_root(size: int) -> None:
    """Four times the batch, twice the rate."""
    assert linked(ROOT, size).arms[0].recipe.optimizer.lr == pytest.approx(0.1 * (size / 128) ** 0.5)


def test_a_link_is_worked_out_for_each_arm() -> None:
    """What a run computes has numbers alone."""
    assert [arm.recipe.optimizer.lr for arm in linked(LINEAR, 64, 128, 256).arms] == [0.05, 0.1, 0.2]


def test_what_follows_a_factor_is_none_itself() -> None:
    """Arms state the same rule, so that the question is one of batch sizes."""
    study = linked(LINEAR, 64, 256)
    assert study.factors == ("batch_size",)
    assert [arm.name for arm in study.arms] == ["batch 64", "batch 256"]


def test_two_rules_are_two_levels_each_shown_resolved() -> None:
    """Where the rule itself is varied it is a factor, and arms are named by what it gives them."""
    study = design(vary={"optimizer.lr": [LINEAR, ROOT]}, batch_size=32)
    assert study.factors == ("optimizer.lr",)
    assert [arm.name for arm in study.arms] == ["lr 0.025", "lr 0.05"]


def test_a_link_says_itself_in_words() -> None:
    """For reports."""
    assert linked(ROOT, 64).links["optimizer.lr"].told == "0.1 at batch_size 128, sqrt"


def test_a_link_can_follow_one_that_follows_another() -> None:
    """The decay by the rate, the rate by the batch."""
    decay = {"base": 1e-3, "per": "lr", "at": 0.1}
    study = design(vary={"batch_size": [128, 256]}, set={"optimizer.lr": LINEAR, "optimizer.weight_decay": decay})
    assert [arm.recipe.optimizer.weight_decay for arm in study.arms] == pytest.approx([1e-3, 2e-3])


def test_an_arm_by_hand_may_have_a_link_of_its_own() -> None:
    """Beside one with a number."""
    study = design(arms=[{"batch_size": 256, "optimizer.lr": LINEAR}, {"batch_size": 256, "optimizer.lr": 0.1}])
    assert [arm.recipe.optimizer.lr for arm in study.arms] == [0.2, 0.1]


def test_a_number_takes_the_place_of_a_link() -> None:
    """Setting the field ends that it follows another."""
    study = design(linked(LINEAR, 64, 256), set={"optimizer.lr": 0.3})
    assert study.links == {}
    assert {arm.recipe.optimizer.lr for arm in study.arms} == {0.3}


def test_a_link_stands_in_a_file_as_it_was_given() -> None:
    """As a table, not as the number that it makes of the recipe's own batch size."""
    study = from_toml('[recipe]\noptimizer.lr = {base = 0.1, per = "batch_size", at = 128, rule = "sqrt"}')
    assert study.links == {"optimizer.lr": Link(base=0.1, per="batch_size", at=128, rule="sqrt")}
    assert from_toml(study.to_toml()) == study


def test_a_field_that_follows_itself_is_refused() -> None:
    """By its path or by the last part of it."""
    for per in ("optimizer.lr", "lr"):
        assert refused("optimizer.lr", {**LINEAR, "per": per}).startswith("optimizer.lr: it follows itself")


def test_a_circle_is_refused() -> None:
    """Both fields are named, and the way out."""
    circle = {
        "optimizer.lr": {"base": 0.1, "per": "optimizer.weight_decay", "at": 1e-3},
        "optimizer.weight_decay": {"base": 1e-3, "per": "optimizer.lr", "at": 0.1},
    }
    with pytest.raises(
        SpecError, match=r"optimizer.lr, optimizer.weight_decay: they follow each other in a circle; give"
    ):
        design(set=circle)


@pytest.mark.parametrize(
    ("path", "link", "said"),
    [
        ("optimizer.lr", {**LINEAR, "per": "norm"}, "it can follow a number, and norm is a word"),
        ("optimizer.lr", {**LINEAR, "per": "nesterov"}, "and optimizer.nesterov is true or false"),
        ("epochs", LINEAR, "only fields that are fractions can follow another, and this is a whole number"),
        ("norm", LINEAR, "only fields that are fractions can follow another, and this is a word"),
        ("optimizer.lr", {"base": 0.1, "at": 128}, "per: field required"),
        ("optimizer.lr", {**LINEAR, "base": 0}, "base: input should be greater than 0"),
        ("optimizer.lr", {**LINEAR, "at": -1}, "at: input should be greater than 0"),
        ("optimizer.lr", {**LINEAR, "base": float("inf")}, "base: input should be a finite number"),
        ("optimizer.lr", {**LINEAR, "rule": "cubic"}, "rule: input should be 'linear' or 'sqrt'"),
        ("optimizer.lr", {**LINEAR, "times": 2}, "times: extra inputs are not permitted"),
    ],
)
def test_a_link_that_cannot_be_is_refused(path: str, link: dict[str, Any], said: str) -> None:
    """With the field's path, and how a link is written."""
    message = refused(path, link)
    assert message.startswith(f"{path}: ")
    assert said in message


def test_a_link_to_an_unknown_field_gets_the_nearest() -> None:
    """As any other misspelt field."""
    with pytest.raises(UnknownName, match="unknown field 'batch_sise': did you mean batch_size"):
        design(set={"optimizer.lr": {**LINEAR, "per": "batch_sise"}})


def test_what_a_link_makes_is_held_to_the_fields_range() -> None:
    """A rate that follows a decay of 0 would be 0."""
    assert "optimizer.lr: input should be greater than 0, got 0.0" in refused(
        "optimizer.lr", {"base": 0.1, "per": "dropout", "at": 0.5}
    )
