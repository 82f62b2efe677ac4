from __future__ import annotations

from typing import Any

import pytest

from normlab.report.words.headings import axis, beside, heading, level, the
from normlab.spec import Study, design


def made(**vary: Any) -> Study:
    return design(vary={path.replace("__", "."): levels for path, levels in vary.items()})


@pytest.mark.parametrize(
    ("factor", "question"),
    [
        ("norm", "Which norm?"),
        ("batch_size", "Which batch size?"),
        ("preprocess", "Which preprocessing?"),
        ("penalty.kind", "Which kind of penalty?"),
        ("epochs", "Which number of epochs?"),
    ],
)
def test_a_question_is_called_by_its_factor(factor: str, question: str) -> None:
    """As people ask it."""
    assert heading(made(norm=["bn", "ln"]), factor) == question


def test_lambda_is_asked_with_or_without() -> None:
    """Or how much, where there are several."""
    assert heading(made(penalty__lambda=[0.0, 1e-4]), "penalty.lambda") == "With or without a penalty?"
    assert heading(made(penalty__lambda=[0.0, 1e-4, 1e-3]), "penalty.lambda") == "How much penalty?"
    assert heading(made(penalty__lambda=[1e-4, 1e-3]), "penalty.lambda") == "How much penalty?"


def test_a_baseline_is_what_all_is_held_against() -> None:
    """In one factor, or in several at once."""
    study = design(vary={"norm": ["bn", "ln"], "batch_size": [16, 64]}, baseline="bn · batch 16")
    assert heading(study, "norm") == "Against bn · batch 16: another norm"
    assert heading(study, "norm, batch_size") == "Against bn · batch 16: another norm and batch size"


def test_an_arm_is_called_by_what_it_shares() -> None:
    """All factors but those at hand; the norm is no name where norms are what differs."""
    study = design(vary={"norm": ["bn", "ln"], "batch_size": [16, 64], "penalty.lambda": [0.0, 1e-4]})
    arm = study.arm("ln · batch 64 + L1 0.0001")
    assert beside(study, arm, "norm") == "batch 64 + L1 0.0001"
    assert beside(study, arm, "batch_size") == "ln + L1 0.0001"
    assert beside(study, arm, "penalty.lambda") == "ln · batch 64"
    assert beside(study, arm, "norm", "batch_size") == "L1 0.0001"


def test_what_nothing_else_names_has_no_name() -> None:
    """Norms alone share nothing that a label could say; beside a preprocessing only that is said."""
    study = made(norm=["bn", "ln"])
    assert beside(study, study.arms[0], "norm") == ""
    study = made(norm=["bn", "ln"], preprocess=["clahe", "none"])
    assert beside(study, study.arms[0], "norm") == "clahe"


def test_fields_of_a_penalty_are_one_or_several() -> None:
    """The only factor of penalties has their whole name; of several each has its own."""
    study = design(norms="bn", l1=[0.0, 1e-4])
    assert [level(study, arm, "penalty.lambda") for arm in study.arms] == ["none", "L1 0.0001"]
    study = design(norms="bn", penalty=["subgrad", "prox"], l1=[1e-4, 1e-3])
    arm = study.arms[0]
    assert (level(study, arm, "penalty.kind"), beside(study, arm, "penalty.kind")) == ("L1", "λ 0.0001")
    assert (level(study, arm, "penalty.lambda"), beside(study, arm, "penalty.lambda")) == ("λ 0.0001", "L1")


def test_units_stand_in_axes_and_articles_in_sentences() -> None:
    """A sign has neither."""
    assert (axis("augment.shift"), axis("batch_size")) == ("shift (px)", "batch size")
    assert (the("batch_size"), the("penalty.lambda")) == ("the batch size", "λ")
