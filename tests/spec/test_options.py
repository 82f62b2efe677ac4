"""Studies from options, as the command line and `compare` take them."""

from __future__ import annotations

from typing import Any, get_type_hints

import pytest

from normlab.errors import SpecError, UnknownName
from normlab.spec import Judging, Options, Recipe, Study, design, find, from_toml, known, parse

LINKED = {"optimizer.lr": {"base": 0.1, "per": "batch_size", "at": 128}}
ANY = design(
    name="any",
    recipe="course",
    vary={"norm": ["bn", "ln"], "batch_size": [32, 64]},
    set=LINKED,
    arms=[{"name": "mine", "dropout": 0.3}],
    questions=["norm"],
    margin=0.3,
)
"""A study with something of everything."""


def names(study: Study) -> list[str]:
    return [arm.name for arm in study.arms]


# The default question


def test_the_default_study_is_the_question() -> None:
    """Batch, layer and group norm, each without a penalty and with 1e-4, on three seeds."""
    study = design()
    assert names(study) == ["bn", "ln", "gn:4", *(f"{norm} + L1 0.0001" for norm in ("bn", "ln", "gn:4"))]
    assert study.seeds == (0, 1, 2)
    assert study.factors == ("norm", "penalty.lambda")


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"epochs": 3}, 6),
        ({"set": {"batch_size": 32}}, 6),
        ({"preprocess": "clahe"}, 6),
        ({"penalty": "prox"}, 6),
        ({"penalty": ["prox", "spred"]}, 3),
        ({"l1": [0, 1e-3, 1e-2]}, 3),
        ({"l1": 0}, 3),
        ({"norms": "bn"}, 1),
        ({"norms": ["bn", "gn:2"]}, 2),
        ({"norms": ["bn", "gn:2"], "l1": [0, 1e-3]}, 4),
        ({"norms": ["bn"], "penalty": ["prox", "subgrad"]}, 3),
        ({"batch_size": [32, 64]}, 2),
        ({"vary": {"optimizer.lr": [0.1, 0.2]}}, 2),
        ({"vary": {"optimizer.lr": [0.1, 0.2]}, "l1": [0, 1e-3]}, 4),
        ({"arms": [{"norm": "bn"}]}, 1),
        ({"model": ["course", "lean"]}, 2),
    ],
)
def test_the_default_question_stands_where_nothing_else_is_asked(options: dict[str, Any], expected: int) -> None:
    """Norms, factors or arms that are named are the whole question."""
    assert len(design(**options).arms) == expected


# Short options, `set`, `vary` and arms


def test_one_value_is_set_and_several_are_varied() -> None:
    """In every option of a field, a list of one included."""
    assert design(batch_size=[32]) == design(batch_size=32) == design(set={"batch_size": 32})
    several = design(batch_size=[32, 64])
    assert several == design(vary={"batch_size": [32, 64]})
    assert names(several) == ["batch 32", "batch 64"]


SHORT = {
    "norms": ("norm", ["bn", "ln"]),
    "l1": ("penalty.lambda", [0.0, 1e-3]),
    "l1_on": ("penalty.on", ["weights", "all"]),
    "penalty": ("penalty.kind", ["prox", "spred"]),
    "preprocess": ("preprocess", ["none", "clahe"]),
    "model": ("model", ["course", "lean"]),
    "epochs": ("epochs", [1, 2]),
    "batch_size": ("batch_size", [1, 2]),
    "lr": ("optimizer.lr", [0.1, 0.2]),
    "dropout": ("dropout", [0.1, 0.2]),
    "train_images": ("train_images", [100, 200]),
    "flip": ("augment.flip", [0.25, 0.5]),
    "crop": ("augment.crop", [2, 4]),
    "cutout": ("augment.cutout", [8, 16]),
}


@pytest.mark.parametrize("option", SHORT)
def test_a_short_option_is_short_for_its_field(option: str) -> None:
    """Set with one value, varied with several."""
    path, levels = SHORT[option]
    charged: Any = {} if option == "l1" else {"l1": 1e-2}  # a penalty, so that its kind and scope count
    one, several = design(**charged, **{option: levels[0]}), design(**charged, **{option: levels})
    assert {find(path).of(study.recipe) for study in (one,)} == {levels[0]}
    assert [*several.vary[path]] == levels
    assert path in several.factors


def test_set_goes_before_short_options_and_vary_before_both() -> None:
    """The longer spelling is the more deliberate one."""
    assert design(batch_size=32, set={"batch_size": 64}).recipe.batch_size == 64
    assert design(set={"batch_size": 64}, vary={"batch_size": [1, 2]}).factors == ("batch_size",)


def test_fields_may_be_named_by_their_last_part() -> None:
    """In `set`, `vary` and arms."""
    study = design(set={"rotation": 7}, vary={"lr": [0.1, 0.2]}, arms=[{"momentum": 0.5}])
    assert study.recipe.augment.rotation == 7
    assert set(study.factors) == {"optimizer.lr", "optimizer.momentum"}


@pytest.mark.parametrize(
    "where", [{"set": {"momentun": 0.5}}, {"vary": {"momentun": [0, 0.5]}}, {"arms": [{"momentun": 0.5}]}]
)
def test_a_misspelt_field_gets_the_nearest(where: dict[str, Any]) -> None:
    """Wherever it stands."""
    with pytest.raises(UnknownName, match=r"unknown field 'momentun': did you mean .*momentum"):
        design(**where)


# Over a study


def test_no_options_leave_a_study_alone() -> None:
    """None, in every place, changes nothing; the default question is not asked beside it."""
    assert design(ANY, **dict.fromkeys(get_type_hints(Options))) == ANY


def test_an_option_changes_its_field_alone() -> None:
    """Factors, links, arms by hand and all else stay."""
    table = ANY.to_dict()
    expected = parse({**table, "seeds": 5, "recipe": {**table["recipe"], "epochs": 7}})
    assert design(ANY, seeds=5, epochs=7) == expected
    assert expected.links == ANY.links


def test_what_is_set_is_no_factor_any_more() -> None:
    """`set` and short options end that a study varies a field."""
    for study in (design(ANY, set={"batch_size": 64}), design(ANY, batch_size=64)):
        assert study.vary == {"norm": ("bn", "ln")}
        assert study.recipe.batch_size == 64


def test_other_levels_take_the_place_of_a_factors() -> None:
    """Or cross a new one with those that are there."""
    assert design(ANY, norms=["bn", "rms"]).vary["norm"] == ("bn", "rms")
    assert [*design(ANY, vary={"epochs": [1, 2]}).vary] == ["norm", "batch_size", "epochs"]


def test_arms_come_to_those_that_are_there() -> None:
    """A study grows by hand."""
    assert names(design(ANY, arms=[{"name": "yours", "dropout": 0.4}]))[-2:] == ["mine", "yours"]


def test_a_recipe_replaces_the_recipe_and_keeps_the_question() -> None:
    """`recipe` starts from that preset anew; fields of the recipe go over it."""
    got = design(ANY, recipe="lean", batch_size=[8, 16])
    assert got.recipe == Recipe.model_validate("lean")
    assert got.links == {}
    assert got.vary == {"norm": ("bn", "ln"), "batch_size": (8, 16)}


def test_a_study_is_judged_anew() -> None:
    """Level and margin change the rules and nothing else."""
    got = design(ANY, margin=0.2, level=0.9)
    assert got.verdict == Judging(margin=0.2, level=0.9)
    assert (got.arms, got.recipe, got.seeds) == (ANY.arms, ANY.recipe, ANY.seeds)


def test_a_margin_goes_with_its_outcome() -> None:
    """Another outcome takes one in its own unit; whoever comes back to it, or changes the level, keeps it."""
    by_loss = design(ANY, outcome="cross-entropy", margin=0.01)
    assert by_loss.verdict == Judging(outcome="cross-entropy", margin=0.01)
    assert design(by_loss, level=0.9, outcome="cross-entropy").verdict.margin == 0.01
    assert design(by_loss, outcome="accuracy").verdict == Judging()
    with pytest.raises(SpecError, match="no usual margin for Brier score"):
        design(by_loss, outcome="brier")
    assert from_toml(by_loss.to_toml()) == by_loss
    assert "outcome" not in ANY.to_toml()
    assert by_loss.digests == ANY.digests


@pytest.mark.parametrize(
    "bad",
    [
        *({"seeds": 0}, {"l1": [-1]}, {"epochs": 0}, {"lr": 0}, {"norms": []}, {"preprocess": []}),
        *({"dataset": ["mnist", "fashion-mnist"]}, {"vary": {"holdout": [0, 100]}}, {"questions": ["epochs"]}),
    ],
)
def test_design_refuses_what_a_file_would(bad: dict[str, Any]) -> None:
    """Options are validated as a file's fields are."""
    with pytest.raises(SpecError):
        design(**bad)


def test_every_field_can_be_set() -> None:
    """By its path, to the value that it has."""
    usual = {path: field.of(Recipe()) for path, field in known().items()}
    assert design(set=usual).recipe == Recipe()
