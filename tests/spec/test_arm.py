"""What arms are called: labels made from what differs, or names that were given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from normlab.spec import design

Factors = Mapping[str, Sequence[Any]]


def names(vary: Factors, **base: Any) -> list[str]:
    """What the arms of crossed factors are called."""
    return [arm.name for arm in design(vary=vary, set=base).arms]


@pytest.mark.parametrize(
    ("vary", "expected"),
    [
        ({"norm": ["bn", "ln"]}, ["bn", "ln"]),
        ({"batch_size": [32, 128]}, ["batch 32", "batch 128"]),
        ({"norm": ["gn:4"], "batch_size": [32, 128]}, ["batch 32", "batch 128"]),
        ({"norm": ["bn", "gn:4"], "batch_size": [32]}, ["bn", "gn:4"]),
        ({"penalty.lambda": [0, 1e-4], "norm": ["bn"]}, ["bn", "bn + L1 0.0001"]),
        ({"optimizer.kind": ["sgd", "adamw"]}, ["sgd", "adamw"]),
        ({"optimizer.nesterov": [True, False]}, ["nesterov", "no nesterov"]),
        ({"augment.rotation": [0, 7]}, ["rotation 0°", "rotation 7°"]),
        ({"preprocess": ["none", "clahe"]}, ["bn + none", "bn + clahe"]),
        ({"model_args": [{"a": 1, "b": 2}, {"a": 1, "b": True}]}, ["b=2", "b=true"]),
        ({"model_args": [{"a": 1, "b": 1}, {"a": True, "b": 1, "c": [2]}]}, ["a=1", "a=true c=[2]"]),
        ({"model_args": [{"a": 1}, {"a": 1, "b": 2}]}, ["usual arguments", "b=2"]),
        ({"model_args": ["", {"a": 1, "b": 2}]}, ["usual arguments", "a=1 b=2"]),
    ],
)
def test_an_arm_is_called_by_what_differs(vary: Factors, expected: list[str]) -> None:
    """And by its norm where nothing else would name it."""
    assert names(vary) == expected


def test_the_norm_stands_first_and_what_is_beside_the_network_last() -> None:
    """Whatever the order of the factors."""
    vary = {"penalty.lambda": [1e-4], "preprocess": ["clahe", "none"], "batch_size": [32, 64], "norm": ["gn:4", "bn"]}
    assert names({**vary, "penalty.lambda": [0, 1e-4]})[1] == "gn:4 · batch 32 + clahe + L1 0.0001"


@pytest.mark.parametrize(
    ("penalty", "name"),
    [
        ({"penalty.kind": "subgrad"}, "L1 0.0001"),
        ({"penalty.kind": "prox"}, "prox 0.0001"),
        ({"penalty.kind": "prox", "penalty.on": "all"}, "prox 0.0001 on all"),
        ({"penalty.kind": "gamma"}, "gamma 0.0001"),
        ({"penalty.kind": "elastic", "penalty.mix": 0.9, "penalty.on": "conv*"}, "elastic 0.0001 mix 0.9 on conv*"),
    ],
)
def test_a_penalty_is_named_whole(penalty: dict[str, Any], name: str) -> None:
    """Its kind and λ, and where it acts or what it mixes if that is not as usual."""
    assert names({"penalty.lambda": [0, 1e-4]}, norm="bn", **penalty)[-1] == f"bn + {name}"


def test_a_level_that_changes_nothing_is_not_named() -> None:
    """A constant rate has no warmup."""
    vary = {"schedule.warmup": [0.1, 0.2], "schedule.kind": ["constant", "one-cycle"]}
    assert names(vary) == ["constant", "one-cycle · warmup 0.1", "one-cycle · warmup 0.2"]


def test_labels_that_would_be_one_get_all_their_digits() -> None:
    """All of them, so that they can be compared; six digits are enough for the others."""
    assert names({"optimizer.lr": [0.1, 0.100000000001]}) == ["lr 0.1", "lr 0.100000000001"]
    assert names({"penalty.lambda": [1e-4, 1.00000001e-4]}, norm="bn")[1] == "bn + L1 0.000100000001"
    assert names({"optimizer.lr": [0.1, 0.3000000000001]}) == ["lr 0.1", "lr 0.3"]


def test_a_name_that_is_given_stays() -> None:
    """Beside labels, which are made of all that differs."""
    arms = design(vary={"norm": ["bn", "ln"]}, arms=[{"name": "mine", "norm": "gn:4", "batch_size": 32}]).arms
    assert [(arm.name, arm.given) for arm in arms] == [
        ("bn · batch 128", False),
        ("ln · batch 128", False),
        ("mine", True),
    ]


def test_an_arm_by_hand_needs_no_name() -> None:
    """It gets a label like the others."""
    assert [arm.name for arm in design(arms=[{}, {"norm": "ln", "dropout": 0.2}]).arms] == [
        "bn · dropout 0",
        "ln · dropout 0.2",
    ]


def test_the_same_arm_is_called_otherwise_in_another_study() -> None:
    """A name is a label and no identity."""
    alone, beside = (design(norms=norms, vary={"batch_size": [32, 64]}) for norms in (["bn"], ["bn", "ln"]))
    assert alone.arms[0].recipe == beside.arms[0].recipe
    assert (alone.arms[0].name, beside.arms[0].name) == ("batch 32", "bn · batch 32")


def test_the_base_is_the_name_without_its_penalty() -> None:
    """What paths and partners are called by."""
    study = design(vary={"norm": ["bn", "ln"], "penalty.lambda": [0, 1e-3]})
    assert [arm.base for arm in study.arms] == ["bn", "ln", "bn", "ln"]


def test_a_study_without_a_difference_is_called_by_its_norm() -> None:
    """One arm alone."""
    assert [arm.name for arm in design(norms="gn:4").arms] == ["gn:4"]
