"""Crossed factors and arms by hand: resolved, and none of them twice."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from normlab.errors import SpecError, UnknownName
from normlab.spec import Study, design, from_toml, parse

LEVELS = {
    "norm": ["bn", "ln", "gn:4"],
    "batch_size": [32, 64, 128],
    "optimizer.lr": [0.1, 0.2],
    "dropout": [0.0, 0.5],
    "preprocess": ["none", "clahe"],
}


def refused(**fields: Any) -> str:
    """The message of a study that is not accepted."""
    with pytest.raises(SpecError) as caught:
        parse(fields)
    assert "\n" not in str(caught.value)
    return str(caught.value)


@given(st.lists(st.sampled_from(sorted(LEVELS)), unique=True, min_size=1))
@pytest.mark.long
def test_every_level_meets_every_other(paths: list[str]) -> None:
    """As many arms as the product of levels, all of them different, whatever the factors' order."""
    study = parse({"vary": {path: LEVELS[path] for path in paths}})
    expected = 1
    for path in paths:
        expected *= len(LEVELS[path])
    assert len({arm.recipe for arm in study.arms}) == len({arm.name for arm in study.arms}) == expected
    assert set(study.factors) == set(paths)


def test_the_first_factor_changes_fastest() -> None:
    """Norms side by side, then the next level of what they are crossed with."""
    study = parse({"vary": {"norm": ["bn", "ln"], "batch_size": [32, 64]}})
    assert [arm.name for arm in study.arms] == ["bn · batch 32", "ln · batch 32", "bn · batch 64", "ln · batch 64"]


def test_a_factor_with_one_level_is_none() -> None:
    """It sets the value in all arms."""
    study = parse({"vary": {"norm": ["gn:4"], "batch_size": [32, 64]}})
    assert study.factors == ("batch_size",)
    assert {arm.recipe.norm for arm in study.arms} == {"gn:4"}


def test_kinds_without_a_penalty_are_one_arm() -> None:
    """Crossing kinds with λ = 0 makes the same network several times; it is trained once."""
    study = parse({"vary": {"penalty.kind": ["prox", "spred", "gamma"], "penalty.lambda": [0, 1e-3]}})
    assert [arm.name for arm in study.arms] == ["bn", "bn + prox 0.001", "bn + spred 0.001", "bn + gamma 0.001"]


def test_what_changes_nothing_is_no_factor() -> None:
    """Where a penalty acts is nothing without λ."""
    study = parse({"arms": [{"norm": "bn", "penalty.on": "all"}, {"norm": "ln", "penalty.kind": "prox"}]})
    assert study.factors == ("norm",)


def test_numbers_that_came_as_text_are_numbers() -> None:
    """An arm that says "128" where the recipe says 128 does not differ in it."""
    assert parse({"arms": [{"norm": "bn", "batch_size": "128"}, {"norm": "ln"}]}).factors == ("norm",)


def test_two_arms_by_hand_that_are_one_treatment_are_both_named() -> None:
    """Also where they are written differently: λ = 0 of another kind is no penalty."""
    said = refused(arms=[{"name": "plain", "norm": "bn"}, {"name": "other", "penalty": {"kind": "prox"}}])
    assert said.startswith("the arms 'plain' and 'other' are the same treatment")


def test_an_arm_by_hand_that_is_a_crossed_one_is_refused() -> None:
    """Both are named, the crossed one by its label."""
    said = refused(vary={"norm": ["bn", "ln"]}, arms=[{"name": "again", "norm": "ln"}])
    assert said.startswith("the arms 'ln' and 'again' are the same treatment")


def test_two_arms_of_one_name_are_refused() -> None:
    """A label may be taken too."""
    assert "two arms are called 'a'" in refused(arms=[{"name": "a", "norm": "bn"}, {"name": "a", "norm": "ln"}])
    assert "two arms are called 'ln'" in refused(vary={"norm": ["bn", "ln"]}, arms=[{"name": "ln", "norm": "gn:4"}])


@pytest.mark.parametrize(
    ("vary", "said"),
    [
        ({"batch_size": [32, 32]}, "vary.batch_size: the level 32 stands twice"),
        ({"optimizer.lr": [1, 1.0]}, "vary.optimizer.lr: the level 1.0 stands twice"),
        ({"norm": ["bn", "ln", "bn"]}, "vary.norm: the level bn stands twice"),
        ({"lr": [{"base": 1, "per": "dropout", "at": 1}] * 2}, "vary.optimizer.lr: the level"),
        ({"batch_size": []}, "vary.batch_size: expected at least one level, got none"),
        ({"batch_size": 32}, "vary.batch_size: expected a list of levels, got 32"),
        ({"norm": "bn"}, "vary.norm: expected a list of levels, got 'bn'"),
        ({"batch_size": [32, 0]}, "vary.batch_size: input should be greater than or equal to 1, got 0"),
        ({"dropout": [0.5, float("nan")]}, "vary.dropout: input should be"),
        ({"penalty": {"lambda": [0, -1]}}, "vary.penalty.lambda: input should be greater than or equal to 0, got -1"),
        ({"preprocess": ["blur"]}, "vary.preprocess: input should be 'standardize'"),
    ],
)
def test_levels_that_cannot_be_are_refused(vary: dict[str, Any], said: str) -> None:
    """With the factor's path, what came and what is allowed."""
    assert refused(vary=vary).startswith(said)


def test_levels_that_do_not_go_together_are_refused() -> None:
    """Each may be right alone: nesterov is none without momentum."""
    said = refused(vary={"optimizer.nesterov": [True], "optimizer.momentum": [0.0, 0.9]})
    assert "nesterov needs a momentum above 0" in said


@pytest.mark.parametrize(
    ("arm", "said"),
    [
        ({"name": "bad", "epochs": 0}, "the arm 'bad': epochs: input should be greater than or equal to 1, got 0"),
        ({"epochs": 0}, "arms.2: epochs: input should be greater than or equal to 1, got 0"),
        ({"name": "x" * 81, "norm": "ln"}, "arms: a name is a line of at most 80 letters"),
        ({"name": "two\nlines", "norm": "ln"}, "arms: a name is a line of at most 80 letters"),
        ({"name": 3, "norm": "ln"}, "arms: a name is a line of at most 80 letters, got '3'"),
        (3, "arms.1: input should be a valid dictionary, got 3"),
    ],
)
def test_an_arm_that_cannot_be_is_named(arm: Any, said: str) -> None:
    """By its name, or by its place."""
    assert refused(arms=[{"norm": "bn"}, arm]).startswith(said)


def test_an_unknown_field_of_an_arm_gets_the_nearest() -> None:
    """`optimizer.lrr` asks whether the rate was meant, in a factor and in an arm."""
    for study in ({"arms": [{"optimizer.lrr": 1}]}, {"vary": {"optimizer": {"lrr": [1, 2]}}}):
        with pytest.raises(UnknownName, match=r"unknown field 'optimizer\.lrr': did you mean optimizer\.lr"):
            parse(study)


@pytest.mark.parametrize("path", ["dataset", "holdout"])
def test_arms_are_judged_on_the_same_images(path: str) -> None:
    """What decides on these cannot be varied, neither crossed nor by hand."""
    levels = {"dataset": ["mnist", "fashion-mnist"], "holdout": [0, 1000]}[path]
    said = f"vary.{path}: arms have to be judged on the same images"
    assert refused(vary={path: levels}).startswith(said)
    assert refused(arms=[{path: level} for level in levels]).startswith(said)


@pytest.mark.slow  # a second or more
@pytest.mark.long
def test_there_is_a_most_of_arms() -> None:
    """2,000, counted before any is made."""
    limit = "2,001 arms, and at most 2,000 can be compared"
    assert len(parse({"vary": {"batch_size": list(range(1, 2001))}}).arms) == 2000
    assert limit in refused(vary={"batch_size": list(range(1, 2002))})
    assert limit in refused(arms=[{"batch_size": size} for size in range(1, 2002)])
    every = list(range(1, 1001))
    assert "1,000,000,000 arms" in refused(vary={"batch_size": every, "epochs": every, "train_images": every})


def test_arms_by_hand_alone_are_the_study() -> None:
    """The recipe is no arm of it, unless it is said."""
    study = from_toml('[[arms]]\nname = "as it is"\n\n[[arms]]\nnorm = "ln"\n')
    assert [arm.name for arm in study.arms] == ["as it is", "ln"]
    assert study.arms[0].recipe == Study().arms[0].recipe


# λ within an arm's other factors


def test_paths_and_plain_arms_keep_to_their_other_levels() -> None:
    """λ is followed within one preprocessing, and an arm's partner without a penalty has the same one."""
    study = parse({"vary": {"preprocess": ["stretch", "equalize"], "penalty": {"lambda": [1e-3, 0.0, 1e-4]}}})
    assert [[arm.name for arm in path] for path in study.paths] == [
        ["bn + stretch + L1 0.0001", "bn + stretch + L1 0.001"],
        ["bn + equalize + L1 0.0001", "bn + equalize + L1 0.001"],
    ]
    for arm in study.arms:
        plain = study.plain(arm)
        assert plain is not None
        assert (plain.base, plain.recipe.penalty.lam) == (arm.base, 0)


def test_an_arm_may_have_no_plain_partner() -> None:
    """Where none differs from it in the penalty alone."""
    study = parse({"arms": [{"norm": "bn"}, {"norm": "bn", "preprocess": "clahe", "penalty.lambda": 1e-3}]})
    assert study.plain(study.arms[1]) is None


def test_what_is_usual_and_said_is_no_factor() -> None:
    """λ against λ, one arm saying that it acts on weights: they differ in λ alone; likewise γ and its scales."""
    arms = [{"penalty": {"lambda": 1e-4, "on": "weights"}}, {"penalty": {"lambda": 1e-3}}]
    assert design(arms=arms).factors == ("penalty.lambda",)
    kinds = [{"penalty": {"lambda": 1e-3, "kind": "gamma", "on": "scales"}}, arms[1]]
    assert design(arms=kinds).factors == ("penalty.kind",)
    assert "penalty.on" in design(arms=[{"penalty": {"lambda": 1e-3, "on": "all"}}, arms[1]]).factors
