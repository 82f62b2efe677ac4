"""Recipes and their presets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from pydantic import ValidationError

from normlab.errors import UnknownName
from normlab.spec import PRESETS, Augment, Optimizer, Recipe, Schedule, design, from_toml, parse


def changed(values: Mapping[str, Any], path: tuple[str, ...], value: object) -> dict[str, Any]:
    """The same tables with another value at `path`."""
    head, *rest = path
    return {**values, head: changed(values[head], tuple(rest), value) if rest else value}


def test_the_course_preset_is_the_course() -> None:
    """The published recipe: SGD 0.01 with momentum 0.9, constant; 20 epochs of 128; dropout 0.05, ±7°; no penalty."""
    assert Recipe.model_validate("course") == Recipe(
        model="course",
        dataset="mnist",
        epochs=20,
        batch_size=128,
        dropout=0.05,
        optimizer=Optimizer(kind="sgd", lr=0.01, momentum=0.9, nesterov=False, weight_decay=0),
        schedule=Schedule(kind="constant"),
        augment=Augment(rotation=7, shift=0, scale=0),
    )


def test_lean_is_the_preset_where_none_is_named() -> None:
    """No recipe, an empty table and the name all mean the same."""
    assert design().recipe == Recipe() == Recipe.model_validate("lean") == Recipe.model_validate({})


@pytest.mark.parametrize("preset", sorted(PRESETS))
def test_a_table_goes_over_its_preset(preset: str) -> None:
    """Fields that are given win, also inside a table; all others are the preset's."""
    plain = Recipe.model_validate(preset)
    table = {"preset": preset, "epochs": 3, "optimizer": {"lr": 0.5}, "augment": {"scale": 0.25}}
    values = plain.model_dump()
    for path, value in {("epochs",): 3, ("optimizer", "lr"): 0.5, ("augment", "scale"): 0.25}.items():
        values = changed(values, path, value)
    assert Recipe.model_validate(table).model_dump() == values
    assert Recipe.model_validate(preset) == plain, "the preset itself has changed"


@pytest.mark.parametrize("preset", sorted(PRESETS))
def test_a_study_on_a_preset_has_that_preset(preset: str) -> None:
    """What the preset leaves open is as usual, and not another preset's."""
    plain = Recipe.model_validate(preset)
    assert parse({"recipe": preset}).recipe == design(recipe=preset).recipe == plain
    assert parse({"recipe": {"preset": preset, "epochs": 3}}).recipe == plain.model_copy(update={"epochs": 3})


def test_where_a_recipe_came_from_is_no_part_of_it() -> None:
    """The course's fields, written out, are the course: a preset is a start and leaves no mark."""
    course = Recipe.model_validate("course")
    written = Recipe.model_validate({"preset": "lean", **course.model_dump(mode="json")})
    assert (written, written.digest) == (course, course.digest)


@pytest.mark.parametrize("preset", ["cours", 3, ["course"], {"course": 1}])
def test_an_unknown_preset_names_those_there_are(preset: object) -> None:
    """Whatever stands for the preset's name, the error lists the names."""
    with pytest.raises(UnknownName, match="recipes are course, lean"):
        parse({"recipe": {"preset": preset}})


def test_a_misspelt_recipe_gets_the_nearest_name() -> None:
    """`recipe = "cours"` asks whether course was meant."""
    with pytest.raises(UnknownName, match="unknown recipe 'cours': did you mean course"):
        from_toml('recipe = "cours"')


def test_a_recipe_is_frozen() -> None:
    """A value that has a digest cannot change."""
    with pytest.raises(ValidationError):
        Recipe().epochs = 3


@pytest.mark.parametrize("name", Augment.model_fields)
def test_any_one_setting_of_augmentation_makes_it_work(name: str) -> None:
    """It is idle when all are zero; a hole alone moves nothing."""
    assert Augment().idle
    one = Augment.model_validate({name: 1 if name in ("crop", "cutout") else 0.5})
    assert (one.idle, one.moving) == (False, name != "cutout")


def test_a_recipe_says_what_it_is_judged_on() -> None:
    """With a holdout the judged images are held out of training; without, they are the test set."""
    assert Recipe().judged_on == "test"
    assert Recipe(holdout=5_000).judged_on == "held-out"


def test_a_penalty_of_zero_is_none() -> None:
    """Whatever its kind, λ = 0 adds nothing."""
    assert Recipe.model_validate({"penalty": {"kind": "spred", "lambda": 0}}).active_penalty is None
    one = Recipe.model_validate({"penalty": {"kind": "spred", "lambda": 1e-3}})
    assert one.active_penalty == one.penalty


@pytest.mark.parametrize(
    ("given", "digest"),
    [
        ("lean", "16a872f5c715f25a9721b708f2b3d24995dc48045ae6ed8b3b84180414875bf0"),
        ("course", "c9c94ffff687401349b8fadb63e87949f4cfe3df0c5ae2b80d1aafffa943e73e"),
        ({"penalty": {"lambda": 1e-4}}, "dda0ccaeac8e914ca20ca52e4ab5ac977b2de2be53b8850630c017714f6971cc"),
    ],
)
def test_published_recipes_keep_their_digests(given: object, digest: str) -> None:
    """The runs of published studies are known by them, whatever fields come later."""
    assert Recipe.model_validate(given).digest == digest
