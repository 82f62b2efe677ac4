"""The whole comparison: seeds, rules of judging, questions, and what cannot be run."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from normlab.errors import SpecError, UnknownName
from normlab.spec import Judging, design, parse


def refused(**fields: object) -> str:
    """The message of a study that is not accepted."""
    with pytest.raises(SpecError) as caught:
        parse(fields)
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize(
    ("fields", "path", "allowed"),
    [
        ({"seeds": 0}, "seeds", "expected 1 to 10,000 seeds, got 0"),
        ({"seeds": -3}, "seeds", "expected 1 to 10,000 seeds, got -3"),
        ({"seeds": 10_001}, "seeds", "expected 1 to 10,000 seeds, got 10001"),
        ({"seeds": list(range(10_001))}, "seeds", "expected at most 10,000 seeds, got 10,001"),
        ({"seeds": []}, "seeds", "expected at least one seed, got none"),
        ({"seeds": [1, 2, 1]}, "seeds", "the same seed stands twice"),
        ({"seeds": [0, -1]}, "seeds.1", "greater than or equal to 0, got -1"),
        ({"seeds": [2**64]}, "seeds.0", "less than 4294967296, got 18446744073709551616"),
        ({"seeds": True}, "seeds", "got True"),
        ({"seeds": "three"}, "seeds", "got 'three'"),
        ({"root": -1}, "root", "greater than or equal to 0, got -1"),
        ({"device": "tpu"}, "device", "'cpu', 'cuda' or 'mps', got 'tpu'"),
        ({"engine": "warp"}, "engine", "'auto', 'lanes', 'eager' or 'reference', got 'warp'"),
        ({"name": "../up"}, "name", "got '../up'"),
        ({"name": ""}, "name", "got ''"),
        ({"name": "a" * 65}, "name", "got 'aaaa"),
        ({"verdict": {"level": 0.5}}, "verdict.level", "greater than 0.5, got 0.5"),
        ({"verdict": {"outcome": "cross-entrpy"}}, "unknown outcome 'cross-entrpy'", "did you mean cross-entropy?"),
        (
            {"verdict": {"outcome": "brier"}},
            "verdict.margin",
            "there is no usual margin for Brier score; say what does",
        ),
        ({"verdict": {"outcome": "epochs-to-97"}}, "verdict.outcome", "a run may never reach 97 %"),
        ({"verdict": {"outcome": "seconds"}}, "verdict.outcome", "of the machine, and of what else it did"),
        ({"verdict": {"outcome": "ece", "margin": 1}, "warm_start": True}, "warm_start", "by accuracy, and not by ece"),
        ({"verdict": {"margin": 0}}, "verdict.margin", "greater than 0, got 0"),
        ({"recipe": {"epochs": 0}}, "recipe.epochs", "greater than or equal to 1, got 0"),
        ({"recipe": {"batch_size": 0}}, "recipe.batch_size", "greater than or equal to 1, got 0"),
        ({"recipe": {"dropout": 1}}, "recipe.dropout", "less than 1, got 1"),
        ({"recipe": {"dropout": float("nan")}}, "recipe.dropout", "got nan"),
        ({"recipe": {"holdout": -1}}, "recipe.holdout", "greater than or equal to 0, got -1"),
        ({"recipe": {"optimizer": {"lr": 0}}}, "recipe.optimizer.lr", "greater than 0, got 0"),
        ({"recipe": {"optimizer": {"lr": float("inf")}}}, "recipe.optimizer.lr", "finite number, got inf"),
        ({"recipe": {"optimizer": {"kind": "sgdm"}}}, "recipe.optimizer.kind", "'sgd' or 'adamw', got 'sgdm'"),
        ({"recipe": {"optimizer": {"momentum": float("nan")}}}, "recipe.optimizer.momentum", "got nan"),
        ({"recipe": {"schedule": {"final": 2}}}, "recipe.schedule.final", "less than or equal to 1, got 2"),
        ({"recipe": {"augment": {"rotation": 181}}}, "recipe.augment.rotation", "less than or equal to 180, got 181"),
        ({"recipe": 3}, "recipe", "got 3"),
        ({"recipe": {"preprocess": "blur"}}, "recipe.preprocess", "'clahe' or 'none', got 'blur'"),
        ({"vary": 3}, "vary", "got 3"),
        ({"arms": 3}, "arms", "got 3"),
    ],
)
def test_a_bad_field_is_named_with_what_is_allowed(fields: dict[str, Any], path: str, allowed: str) -> None:
    """Every error begins with the path of the field and says what came and what may come."""
    message = refused(**fields)
    assert message.startswith(f"{path}: ")
    assert allowed in message


@pytest.mark.parametrize(
    ("penalty", "path", "said"),
    [
        ({"kind": "prox", "lambda": -1e-9}, ".lambda", "greater than or equal to 0"),
        ({"kind": "prox", "lambda": float("nan")}, ".lambda", "finite number"),
        ({"kind": "prox", "lambda": float("inf")}, ".lambda", "finite number"),
        ({"kind": "prox", "lambda": "1e-4"}, ".lambda", "valid number, got '1e-4'"),
        ({"kind": "proxy", "lambda": 1e-4}, ".kind", "'subgrad', 'prox'"),
        ({"kind": "gamma", "lambda": 1e-4, "on": "all"}, "", "gamma acts on 'scales' or a pattern"),
        ({"kind": "prox", "lambda": 1e-4, "mix": 0.9}, "", "mix is the share of L1 in an elastic penalty"),
    ],
)
def test_a_penalty_that_is_none_is_refused(penalty: dict[str, Any], path: str, said: str) -> None:
    """The error has the field's path, what came and what is allowed."""
    message = refused(recipe={"penalty": penalty})
    assert message.startswith(f"recipe.penalty{path}: ")
    assert said in message


def test_nesterov_without_momentum_is_refused() -> None:
    """There is nothing to look ahead along; PyTorch would only say so when training starts."""
    assert "nesterov needs a momentum above 0" in refused(recipe={"optimizer": {"nesterov": True, "momentum": 0}})


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"epoch": 3}, "epoch: there is no such field; the fields there are name, seeds, root"),
        ({"seed": 3}, "seed: there is no such field; did you mean seeds?"),
        ({"verdict": {"margins": 3}}, "verdict.margins: there is no such field; did you mean margin?"),
        ({"recipe": {"epoch": 3}}, "unknown field 'epoch': did you mean epochs"),
        ({"recipe": {"optimizer": {"rate": 3}}}, "unknown field 'optimizer.rate': did you mean"),
        ({"recipe": {"augment": {"blur": 3}}}, "unknown field 'augment.blur': "),
        ({"links": {}}, "links: they stand in the recipe"),
    ],
)
def test_an_unknown_field_lists_the_fields_there(fields: dict[str, Any], said: str) -> None:
    """A misspelt field is refused, with the nearest."""
    assert refused(**fields).startswith(said)


def test_several_problems_are_counted() -> None:
    """The first problem is told, and how many more there are."""
    assert refused(root=-1, device="tpu", engine="warp").endswith("(and 2 more)")


def test_one_problem_is_one_problem() -> None:
    """A single bad value is not counted twice."""
    assert "more)" not in refused(recipe={"penalty": {"lambda": -1}})


def test_a_study_of_nothing_is_one_arm() -> None:
    """The recipe itself, on three seeds."""
    study = parse({})
    assert [arm.name for arm in study.arms] == ["bn"]
    assert study.seeds == (0, 1, 2)


def test_a_count_of_seeds_is_the_first_so_many() -> None:
    """`seeds = 3` means 0, 1 and 2; a list means these."""
    assert parse({"seeds": 2}).seeds == (0, 1)
    assert parse({"seeds": [7, 4]}).seeds == (7, 4)


def test_a_study_is_frozen() -> None:
    """A value that runs are known by cannot change."""
    with pytest.raises(ValidationError):
        design().root = 3


def test_an_arm_is_found_by_its_name() -> None:
    """`Study.arm` gives the arm, or names those there are."""
    study = design(norms=["bn", "ln"])
    assert study.arm("ln").recipe.norm == "ln"
    with pytest.raises(UnknownName, match=r"unknown arm 'gn': .*arms are bn, ln"):
        study.arm("gn")


def test_a_study_is_judged_by_level_and_margin() -> None:
    """Ours unless it says otherwise."""
    assert parse({}).verdict == Judging(level=0.95, margin=0.1)


def test_a_question_has_to_be_about_a_factor() -> None:
    """The error names those of the study; the last part of a path is enough."""
    assert design(vary={"optimizer.lr": [0.1, 0.2]}, questions=["lr"]).questions == ("lr",)
    said = refused(vary={"norm": ["bn", "ln"]}, questions=["batch_size"])
    assert said == "questions: 'batch_size' is the same in all arms; the factors of this study are norm"
    assert "the factors of this study are none" in refused(questions=["norm"])


def test_a_question_about_no_field_gets_the_nearest() -> None:
    """As a misspelt field anywhere."""
    with pytest.raises(UnknownName, match="unknown field 'norms': did you mean norm"):
        parse({"vary": {"norm": ["bn", "ln"]}, "questions": ["norms"]})


def test_a_baseline_has_to_be_an_arm() -> None:
    """The error names those of the study."""
    assert design(norms=["bn", "ln"], baseline="ln").baseline == "ln"
    with pytest.raises(UnknownName, match=r"unknown baseline 'gn': .*baselines are bn, ln"):
        parse({"vary": {"norm": ["bn", "ln"]}, "baseline": "gn"})


def test_a_path_excludes_stopping_early() -> None:
    """A path needs all of its arms on every seed."""
    assert "exclude each other" in refused(warm_start=True, until_settled=True)
