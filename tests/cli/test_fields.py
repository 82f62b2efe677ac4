from __future__ import annotations

from collections.abc import Callable
from subprocess import CompletedProcess
from typing import Any

import pytest

from normlab.cli.fields import stated
from normlab.spec import Study, from_toml, known

Run = Callable[..., CompletedProcess[str]]


def study(normlab: Run, *options: str) -> Study:
    """What these options stand for."""
    result = normlab("compare", *options, "--print-toml")
    assert result.returncode == 0, result.stderr
    return from_toml(result.stdout)


def test_no_option_is_the_default_question(normlab: Run) -> None:
    """Three norms, each without and with L1."""
    names = ["bn", "ln", "gn:4", "bn + L1 0.0001", "ln + L1 0.0001", "gn:4 + L1 0.0001"]
    assert [arm.name for arm in study(normlab).arms] == names


def test_norms_alone_have_no_penalty(normlab: Run) -> None:
    """Whoever names norms asks about norms."""
    assert [arm.name for arm in study(normlab, "--norms", "bn,ln").arms] == ["bn", "ln"]


@pytest.mark.parametrize("spelling", [["--batch-size", "32,64"], ["--vary", "batch_size=32,64"]])
def test_several_values_are_a_factor(normlab: Run, spelling: list[str]) -> None:
    """The short option and `--vary` say the same."""
    assert dict(study(normlab, *spelling).vary) == {"batch_size": (32, 64)}


@pytest.mark.parametrize("spelling", [["--lr", "0.05"], ["--set", "lr=0.05"], ["--set", "optimizer.lr=0.05"]])
def test_one_value_is_set_in_all_arms(normlab: Run, spelling: list[str]) -> None:
    """A field is called by its path, or by the end of it where that is one field's alone."""
    assert study(normlab, "--norms", "bn,ln", *spelling).recipe.optimizer.lr == 0.05


def test_factors_are_crossed_and_arms_by_hand_added(normlab: Run) -> None:
    """Two times two, and one more with a name of its own."""
    crossed = ["--norms", "bn,ln", "--vary", "dropout=0,0.1"]
    arms = study(normlab, *crossed, "--arm", "big: batch_size=512 lr={base=0.1,per=batch_size,at=128}").arms
    assert len(arms) == 5
    assert arms[-1].name == "big"
    assert (arms[-1].recipe.batch_size, arms[-1].recipe.optimizer.lr) == (512, pytest.approx(0.4))


def test_an_arm_without_changes_is_the_recipe_itself(normlab: Run) -> None:
    """What other arms by hand are compared with."""
    arms = study(normlab, "--arm", "usual:", "--arm", "calm: momentum=0.5", "--baseline", "usual").arms
    assert [(arm.name, arm.recipe.optimizer.momentum) for arm in arms] == [("usual", 0.9), ("calm", 0.5)]


@pytest.mark.parametrize(
    ("text", "arm"),
    [
        ("norm=gn:4", {"norm": "gn:4"}),
        ("a: norm=gn:4 epochs=2", {"name": "a", "norm": "gn:4", "epochs": 2}),
        ("two words:  norm=ln", {"name": "two words", "norm": "ln"}),
        ("λ: l: norm=ln", {"name": "λ: l", "norm": "ln"}),
        (
            "x: lr={base=0.1, per=batch_size, at=128} epochs=2",
            {"name": "x", "optimizer.lr": {"base": 0.1, "per": "batch_size", "at": 128.0}, "epochs": 2},
        ),
    ],
)
def test_an_arm_is_a_name_and_changes(text: str, arm: dict[str, Any]) -> None:
    """The name may be left out and hold colons; a norm's own colon is no name's end."""
    assert stated({}, [], [], [text])["arms"] == [arm]


def test_a_study_is_changed_by_options(normlab: Run, project: object) -> None:  # noqa: ARG001 - `first` lies in it
    """What is set goes over the study's own; what is not said stays."""
    grown = study(normlab, "first", "--seeds", "5", "--margin", "0.2", "--arm", "norm=ln")
    assert [arm.name for arm in grown.arms] == ["bn", "gn:4", "ln"]
    assert (len(grown.seeds), grown.verdict.margin, grown.recipe.epochs) == (5, 0.2, 1)


def test_help_names_every_field(normlab: Run) -> None:
    """With the short options of those that have one, and the range of numbers."""
    text = "".join(normlab("compare", "--help", COLUMNS="200").stdout.split())
    for path, field in known().items():
        assert path in text
        assert all(f"--{option}" in text for option in field.setting.option.split())
    assert "Imagesinastep.Atleast1andatmost65536." in text
