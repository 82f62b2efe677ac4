from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from normlab import spec
from normlab.errors import SpecError, UnknownName
from normlab.spec import (
    PREPROCESSES,
    PRESETS,
    Arm,
    Augment,
    Judging,
    Optimizer,
    Recipe,
    Schedule,
    Study,
    design,
    from_toml,
    parse,
    read,
)

ARMS = [{"norm": "bn"}]


def floats(least: float = 0, most: float = 1e6, **how: bool) -> st.SearchStrategy[float]:
    return st.floats(least, most, allow_nan=False, **how)


BELOW_ONE = floats(0, 1, exclude_max=True)
OPTIMIZER = {"kind": st.sampled_from(["sgd", "adamw"]), "lr": floats(0, exclude_min=True), "weight_decay": floats()}
RECIPES = st.builds(
    Recipe,
    preset=st.sampled_from(sorted(PRESETS)),
    model=st.text(max_size=10),
    dataset=st.text(max_size=10),
    preprocess=st.sampled_from(PREPROCESSES),
    epochs=st.integers(1, 10_000),
    batch_size=st.integers(1, 10_000),
    dropout=BELOW_ONE,
    holdout=st.integers(0, 60_000),
    train_images=st.integers(0, 60_000),
    optimizer=st.one_of(
        st.builds(Optimizer, **OPTIMIZER, momentum=BELOW_ONE),
        st.builds(Optimizer, **OPTIMIZER, momentum=st.floats(0.01, 0.99), nesterov=st.sampled_from([True])),
    ),
    schedule=st.builds(
        Schedule, kind=st.sampled_from(["constant", "one-cycle"]), warmup=BELOW_ONE, final=floats(most=1)
    ),
    augment=st.builds(Augment, rotation=floats(most=180), shift=floats(most=64), scale=BELOW_ONE),
)
ARM = st.builds(
    Arm,
    norm=st.text(max_size=12),
    preprocess=st.none() | st.sampled_from(PREPROCESSES),
    l1=floats(),
    l1_on=st.sampled_from(["weights", "all"]),
)
STUDIES = st.builds(
    Study,
    name=st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", fullmatch=True),
    seeds=st.one_of(st.integers(1, 40), st.lists(st.integers(0, 2**32 - 1), min_size=1, max_size=5, unique=True)),
    root=st.integers(0, 2**62),
    device=st.sampled_from(["cpu", "cuda", "mps"]),
    engine=st.sampled_from(["auto", "lanes", "eager", "reference"]),
    recipe=RECIPES,
    arms=st.lists(ARM, min_size=1, max_size=4, unique_by=lambda arm: (arm.norm, arm.penalty)),
)


def leaves(values: Mapping[str, Any], *above: str) -> dict[tuple[str, ...], Any]:
    """Every field of a table and of the tables in it, by its path."""
    found: dict[tuple[str, ...], Any] = {}
    for key, value in values.items():
        found |= leaves(value, *above, key) if isinstance(value, Mapping) else {(*above, key): value}
    return found


def changed(values: Mapping[str, Any], path: tuple[str, ...], value: object) -> dict[str, Any]:
    """The same tables with another value at `path`."""
    head, *rest = path
    return {**values, head: changed(values[head], tuple(rest), value) if rest else value}


def refused(**fields: object) -> str:
    """The message of a study that is not accepted; it has one good arm unless told otherwise."""
    with pytest.raises(SpecError) as caught:
        parse({"arms": ARMS, **fields})
    assert "\n" not in str(caught.value)
    return str(caught.value)


# TOML in and out


@given(STUDIES)
@settings(deadline=None)
def test_a_study_survives_toml(study: Study) -> None:
    """Written and read again, a study is the same value with the same digest."""
    again = from_toml(study.to_toml())
    assert again == study
    assert again.digest == study.digest


def test_a_study_can_be_a_few_lines(tmp_path: Path) -> None:
    """What a person leaves out takes its default."""
    path = tmp_path / "study.toml"
    path.write_text('seeds = 2\nrecipe = "course"\n[[arms]]\nnorm = "bn"\n[[arms]]\nnorm = "ln"\nl1 = 1e-4\n')
    study = read(path)
    assert [arm.name for arm in study.arms] == ["bn", "ln + L1 0.0001"]
    assert study.seeds == (0, 1)
    assert study.recipe == Recipe.model_validate("course")


def test_bad_toml_is_named_with_its_file_and_line() -> None:
    """A slip in the syntax says where it is."""
    with pytest.raises(SpecError, match=r"^my\.toml is not valid TOML: .*line 2"):
        from_toml("seeds = 3\narms = = 3", "my.toml")


def test_a_bad_field_is_named_with_its_file() -> None:
    """A file's errors begin with the file's name."""
    with pytest.raises(SpecError, match=r"^my\.toml: recipe\.epochs: .*greater than or equal to 1, got 0$"):
        from_toml('recipe = {epochs = 0}\n[[arms]]\nnorm = "bn"', "my.toml")


@pytest.mark.parametrize("make", [Path.exists, Path.mkdir, lambda path: path.write_bytes(b"\xff")])
def test_an_unreadable_file_is_a_spec_error(tmp_path: Path, make: Any) -> None:
    """No such file, a folder, and bytes that are no text all name the path."""
    path = tmp_path / "study.toml"
    make(path)
    with pytest.raises(SpecError, match=r"^cannot read the study .*study\.toml: "):
        read(path)


# The digest

OTHER: dict[tuple[str, ...], Any] = {
    ("name",): "other",
    ("seeds",): [0, 1, 3],
    ("root",): 1,
    ("device",): "cuda",
    ("engine",): "reference",
    ("until_settled",): True,
    ("recipe", "preset"): "lean",
    ("recipe", "model"): "lean",
    ("recipe", "dataset"): "fashion-mnist",
    ("recipe", "epochs"): 21,
    ("warm_start",): True,
    ("recipe", "batch_size"): 127,
    ("recipe", "dropout"): 0.06,
    ("recipe", "holdout"): 1,
    ("recipe", "train_images"): 1,
    ("recipe", "optimizer", "kind"): "adamw",
    ("recipe", "optimizer", "lr"): 0.010000000000000002,
    ("recipe", "optimizer", "momentum"): 0.0,
    ("recipe", "optimizer", "nesterov"): True,
    ("recipe", "optimizer", "weight_decay"): 1e-300,
    ("recipe", "schedule", "kind"): "one-cycle",
    ("recipe", "schedule", "warmup"): 0.0,
    ("recipe", "schedule", "final"): 0.0,
    ("recipe", "augment", "rotation"): 8.0,
    ("recipe", "augment", "shift"): 1.0,
    ("recipe", "augment", "scale"): 0.1,
    ("arms",): [{"norm": "bn", "l1": 1e-5, "l1_on": "weights"}],
}


def test_every_changed_field_changes_the_digest() -> None:
    """Change one field, down to the last bit of a number, and it is another study."""
    base = design(recipe="course", norms=["bn"], l1=[1e-4]).model_dump(mode="json")
    trained = {path for path in leaves(base) if path[0] != "verdict"}
    assert trained == OTHER.keys(), "a field is missing in this test's table"
    digests = {path: parse(changed(base, path, value)).digest for path, value in OTHER.items()}
    assert len({*digests.values(), parse(base).digest}) == len(OTHER) + 1


def test_how_a_study_is_judged_does_not_change_which_one_it_is() -> None:
    """Level and margin can be changed without training anything anew."""
    base = design(norms=["bn"], l1=[0])
    assert design(base, margin=0.3, level=0.9).digest == base.digest
    assert design(base, margin=0.3, level=0.9).verdict == Judging(margin=0.3, level=0.9)


def test_a_study_keeps_its_digest_when_fields_are_added() -> None:
    """The course's study of norms still has the digest that its published report names."""
    folder = Path(__file__).parents[1] / "studies" / "course"
    assert read(folder / "norms.toml").digest in (folder / "norms.html").read_text()


@pytest.mark.parametrize("field", [{"norm": "ln"}, {"l1": 2e-4}, {"l1_on": "all"}])
def test_every_changed_field_of_an_arm_changes_the_digest(field: dict[str, Any]) -> None:
    """An arm's norm, λ and scope all count, and so does the order of arms."""
    arm = {"norm": "bn", "l1": 1e-4, "l1_on": "weights"}
    assert parse({"arms": [arm]}).digest != parse({"arms": [arm | field]}).digest


def test_the_digest_is_the_same_in_every_process() -> None:
    """Neither hash randomization nor the order in which fields were given moves the digest."""
    code = "from normlab.spec import design; print(design(seeds=2, recipe='course').digest)"
    done = subprocess.run(
        [sys.executable, "-c", code], env={"PYTHONHASHSEED": "7"}, capture_output=True, text=True, check=True
    )
    values = design(seeds=2, recipe="course").model_dump(mode="json")
    assert done.stdout.strip() == parse(dict(reversed(values.items()))).digest


def test_the_folder_is_named_after_study_and_digest() -> None:
    """A changed study gets another folder."""
    one, other = design(name="mine"), design(name="mine", root=1)
    assert one.folder_name == f"mine-{one.digest[:8]}"
    assert one.folder_name != other.folder_name


def test_a_study_is_frozen() -> None:
    """A value that has a digest cannot change."""
    with pytest.raises(ValidationError):
        design().root = 3


# Presets


def test_the_course_preset_is_the_course() -> None:
    """The published recipe: SGD 0.01 with momentum 0.9, constant; 20 epochs of 128; dropout 0.05, ±7°; no penalty."""
    assert Recipe.model_validate("course") == Recipe(
        preset="course",
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


def test_every_preset_names_itself() -> None:
    """A recipe remembers the preset that it came from."""
    assert all(Recipe.model_validate(name).preset == name for name in PRESETS)


@pytest.mark.parametrize("preset", ["cours", 3, ["course"], {"course": 1}])
def test_an_unknown_preset_names_those_there_are(preset: object) -> None:
    """Whatever stands for the preset's name, the error lists the names."""
    with pytest.raises(UnknownName, match="recipes are course, lean"):
        parse({"recipe": {"preset": preset}, "arms": ARMS})


def test_a_misspelt_recipe_gets_the_nearest_name() -> None:
    """`recipe = "cours"` asks whether course was meant."""
    with pytest.raises(UnknownName, match="unknown recipe 'cours': did you mean course"):
        from_toml('recipe = "cours"\n[[arms]]\nnorm = "bn"')


# Errors


@pytest.mark.parametrize(
    ("value", "allowed"),
    [
        (-1e-4, "greater than or equal to 0, got -0.0001"),
        (float("nan"), "finite number, got nan"),
        (float("inf"), "finite number, got inf"),
        ("much", "valid number"),
    ],
)
def test_a_bad_penalty_is_named_with_its_arm(value: object, allowed: str) -> None:
    """λ below zero, NaN, infinite or no number: the path, what came and what is allowed."""
    message = refused(arms=[{"norm": "ln"}, {"norm": "bn", "l1": value}])
    assert message.startswith("arms.1.l1: ")
    assert allowed in message


@pytest.mark.parametrize(
    ("fields", "path", "allowed"),
    [
        ({"seeds": 0}, "seeds", "expected at least one seed, got 0"),
        ({"seeds": -3}, "seeds", "expected at least one seed, got -3"),
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
        ({"arms": [{"norm": "bn", "preprocess": ""}]}, "arms.0.preprocess", "'clahe' or 'none', got ''"),
        ({"arms": []}, "arms", "at least one arm, got none"),
        ({"arms": [{"l1": 0}]}, "arms.0.norm", "field required"),
        ({"arms": [{"norm": "bn", "l1_on": "some"}]}, "arms.0.l1_on", "'weights' or 'all', got 'some'"),
    ],
)
def test_a_bad_field_is_named_with_what_is_allowed(fields: dict[str, Any], path: str, allowed: str) -> None:
    """Every error begins with the path of the field and says what came and what may come."""
    message = refused(**fields)
    assert message.startswith(f"{path}: ")
    assert message.endswith(allowed) or allowed in message


@pytest.mark.parametrize(
    ("fields", "path", "there"),
    [
        ({"epoch": 3}, "epoch", Study),
        ({"recipe": {"epoch": 3}}, "recipe.epoch", Recipe),
        ({"recipe": {"optimizer": {"rate": 3}}}, "recipe.optimizer.rate", Optimizer),
        ({"recipe": {"schedule": {"warm": 3}}}, "recipe.schedule.warm", Schedule),
        ({"recipe": {"augment": {"flip": 3}}}, "recipe.augment.flip", Augment),
        ({"arms": [{"norm": "bn", "lambda": 3}]}, "arms.0.lambda", Arm),
    ],
)
def test_an_unknown_field_lists_the_fields_there(fields: dict[str, Any], path: str, there: type[spec.Spec]) -> None:
    """A misspelt field is refused, with the fields of its own table."""
    fields_there = ", ".join(field.alias or name for name, field in there.model_fields.items())
    assert refused(**fields) == f"{path}: there is no such field; the fields there are {fields_there}"


def test_several_problems_are_counted() -> None:
    """The first problem is told, and how many more there are."""
    assert refused(root=-1, device="tpu", engine="warp").endswith("(and 2 more)")


def test_one_problem_is_one_problem() -> None:
    """A single bad arm is not counted twice."""
    assert "more)" not in refused(arms=[{"norm": "bn", "l1": -1}])


def test_the_same_arm_twice_is_refused() -> None:
    """Two arms that are one treatment would be compared with themselves."""
    assert "the arm 'bn + L1 0.001' stands twice" in refused(arms=[{"norm": "bn", "l1": 1e-3}] * 2)


def test_no_arms_is_refused() -> None:
    """A study without arms says that the field is missing."""
    with pytest.raises(SpecError, match=r"^arms: field required"):
        parse({})


def test_an_arm_is_found_by_its_name() -> None:
    """`Study.arm` gives the arm, or names those there are."""
    study = design(norms=["bn", "ln"], l1=[0])
    assert study.arm("ln") == Arm(norm="ln")
    with pytest.raises(UnknownName, match=r"unknown arm 'gn': .*arms are bn, ln"):
        study.arm("gn")


@pytest.mark.parametrize(
    ("arm", "name"),
    [
        (Arm(norm="bn"), "bn"),
        (Arm(norm="bn", l1=0, l1_on="all"), "bn"),
        (Arm(norm="gn:4", l1=1e-4), "gn:4 + L1 0.0001"),
        (Arm(norm="gn:4", l1=1e-4, l1_on="all"), "gn:4 + L1 0.0001 on all"),
        (Arm(norm="bn", preprocess="equalize"), "bn + equalize"),
        (Arm(norm="bn", preprocess="equalize", l1=1e-4), "bn + equalize + L1 0.0001"),
    ],
)
def test_an_arm_is_called_by_its_treatment(arm: Arm, name: str) -> None:
    """The penalty is named where there is one, its scope where it is not the default."""
    assert arm.name == name


@pytest.mark.parametrize(("augment", "idle"), [({}, True), ({"shift": 1}, False), ({"scale": 0.1}, False)])
def test_augmentation_is_idle_when_all_is_zero(augment: dict[str, float], idle: bool) -> None:
    """Any one setting makes it work."""
    assert Augment.model_validate(augment).idle is idle
    assert not Augment(rotation=7).idle


def test_a_recipe_says_what_it_is_judged_on() -> None:
    """With a holdout the judged images are held out of training; without, they are the test set."""
    assert Recipe().judged_on == "test"
    assert Recipe(holdout=5_000).judged_on == "held-out"


# Preprocessing


def test_studies_older_than_preprocessing_keep_their_digest() -> None:
    """What a study does not say stands in no file and in no digest."""
    old = design(norms=["bn", "ln"], l1=[0, 1e-4])
    assert "preprocess" not in old.to_toml()
    assert design(old, preprocess="standardize") == old
    assert old.digest == "e67e06a364954aede950f44fffa00bdc1f98da8f89083fc0e358558a6cc5c9cc"


@pytest.mark.parametrize("how", sorted(set(PREPROCESSES) - {"standardize"}))
def test_another_preprocessing_is_another_study(how: str) -> None:
    """In the recipe and in an arm; both come back from a file."""
    plain = design(norms=["bn"], l1=[0])
    shared, own = design(plain, preprocess=how), parse({"arms": [{"norm": "bn", "preprocess": how}]})
    assert len({plain.digest, shared.digest, own.digest}) == 3
    assert [from_toml(study.to_toml()) for study in (shared, own)] == [shared, own]


def test_an_arms_own_preprocessing_comes_before_the_recipes() -> None:
    """An arm that says nothing has the recipe's."""
    study = parse(
        {"recipe": {"preprocess": "stretch"}, "arms": [{"norm": "bn"}, {"norm": "bn", "preprocess": "clahe"}]}
    )
    assert [study.recipe.preprocess_of(arm) for arm in study.arms] == ["stretch", "clahe"]


def test_one_treatment_under_two_names_is_refused() -> None:
    """An arm that names what the recipe does anyway is the arm that does not."""
    said = refused(arms=[{"norm": "bn"}, {"norm": "bn", "preprocess": "standardize"}])
    assert "the arms 'bn' and 'bn + standardize' are the same treatment" in said


def test_paths_and_plain_arms_keep_to_their_preprocessing() -> None:
    """λ is followed within one preprocessing, and an arm's partner without a penalty has the same one."""
    arms = [
        {"norm": "bn", "l1": lam, **own}
        for lam in (1e-3, 0.0, 1e-4)
        for own in ({}, {"preprocess": "equalize"}, {"preprocess": "standardize"})
    ]
    study = parse({"arms": arms, "recipe": {"preprocess": "stretch"}})
    assert [[arm.name for arm in path] for path in study.paths] == [
        ["bn + L1 0.0001", "bn + L1 0.001"],
        ["bn + equalize + L1 0.0001", "bn + equalize + L1 0.001"],
        ["bn + standardize + L1 0.0001", "bn + standardize + L1 0.001"],
    ]
    for arm in study.arms:
        plain = study.plain(arm)
        assert plain is not None
        assert (plain.base, plain.penalty) == (arm.base, None)
    mixed = parse({"arms": [{"norm": "bn"}, {"norm": "bn", "preprocess": "standardize", "l1": 1e-3}]})
    assert mixed.plain(mixed.arms[1]) == mixed.arms[0], "the recipe does it too"
    alone = parse({"arms": [{"norm": "bn"}, {"norm": "bn", "preprocess": "clahe", "l1": 1e-3}]})
    assert alone.plain(alone.arms[1]) is None


def test_one_preprocessing_is_the_recipes_and_several_are_arms() -> None:
    """Several are crossed with norms and λ, or with the arms of a study."""
    assert design(norms=["bn"], l1=[0], preprocess=["clahe"]) == design(norms=["bn"], l1=[0], preprocess="clahe")
    one = design(norms=["bn"], l1=[0], preprocess="clahe")
    assert (one.recipe.preprocess, [arm.name for arm in one.arms]) == ("clahe", ["bn"])
    several = design(norms=["bn", "ln"], l1=[0, 1e-3], preprocess=["none", "clahe"])
    assert [arm.name for arm in several.arms] == [
        *("bn + none", "bn + clahe", "ln + none", "ln + clahe"),
        *(f"{base} + L1 0.001" for base in ("bn + none", "bn + clahe", "ln + none", "ln + clahe")),
    ]
    assert design(design(norms=["bn", "ln"], l1=[0, 1e-3]), preprocess=["none", "clahe"]) == several
    assert design(several, preprocess="stretch") == design(norms=["bn", "ln"], l1=[0, 1e-3], preprocess="stretch")
    with pytest.raises(SpecError, match="at least one arm, got none"):
        design(preprocess=[])


# Design: options over a study


def test_the_default_study_is_the_question() -> None:
    """Batch, layer and group norm, each without a penalty and with 1e-4, on three seeds."""
    study = design()
    names = [(arm.norm, arm.l1) for arm in study.arms]
    assert names == [("bn", 0), ("ln", 0), ("gn:4", 0), ("bn", 1e-4), ("ln", 1e-4), ("gn:4", 1e-4)]
    assert study.seeds == (0, 1, 2)
    assert {arm.l1_on for arm in study.arms} == {"weights"}


def test_every_norm_meets_every_penalty() -> None:
    """Norms and λ make a grid; the scope goes to the arms that have a penalty, for the others it means nothing."""
    study = design(norms=["bn", "ln"], l1=[0, 1e-3], l1_on="all")
    assert [arm.name for arm in study.arms] == ["bn", "ln", "bn + L1 0.001 on all", "ln + L1 0.001 on all"]
    assert design(l1=[0], l1_on="all").digest == design(l1=[0]).digest


@given(STUDIES)
@settings(max_examples=30, deadline=None)
def test_no_options_leave_a_study_alone(study: Study) -> None:
    """None, in every place, changes nothing."""
    options = ["norms", "l1", "recipe", "lr", *Study.model_fields, *Recipe.model_fields]
    assert design(study, **dict.fromkeys(options)) == study


@given(STUDIES)
@settings(max_examples=30, deadline=None)
def test_an_option_changes_its_field_alone(study: Study) -> None:
    """Fields of the study and of its recipe are named alike; the rest of a table is the study's, not the preset's."""
    expected = study.model_dump(mode="json")
    for path, value in {("seeds",): [0, 1], ("recipe", "epochs"): 7, ("recipe", "optimizer", "lr"): 0.3}.items():
        expected = changed(expected, path, value)
    assert design(study, seeds=2, epochs=7, lr=0.3).model_dump(mode="json") == expected
    assert design(study, seeds=2, epochs=7, optimizer={"lr": 0.3}).model_dump(mode="json") == expected


def test_a_learning_rate_goes_beside_other_settings_of_the_optimizer() -> None:
    """`lr` is short for one field of `optimizer` and leaves the others that are given with it."""
    optimizer = design(lr=0.3, optimizer={"kind": "adamw", "momentum": 0.5}).recipe.optimizer
    assert (optimizer.kind, optimizer.lr, optimizer.momentum) == ("adamw", 0.3, 0.5)


def test_a_recipe_replaces_the_recipe_and_keeps_the_arms() -> None:
    """`recipe` starts from that preset anew; fields of the recipe go over it."""
    base = design(norms=["rms"], l1=[0], recipe="lean", epochs=9)
    got = design(base, recipe="course", batch_size=64)
    assert got.recipe == Recipe.model_validate({"preset": "course", "batch_size": 64})
    assert got.arms == base.arms


def test_norms_replace_the_arms() -> None:
    """New norms come with the default λ, or with those that are given."""
    base = design(norms=["rms"], l1=[1e-3])
    assert [arm.name for arm in design(base, norms=["bn"]).arms] == ["bn", "bn + L1 0.0001"]
    assert [arm.name for arm in design(base, norms=["bn"], l1=[0]).arms] == ["bn"]


@pytest.mark.parametrize("nothing", [{"norms": []}, {"l1": []}])
def test_an_empty_list_of_norms_or_penalties_is_refused(nothing: dict[str, Any]) -> None:
    """Nothing is not the default: an empty list makes no arms."""
    with pytest.raises(SpecError, match=r"^arms: "):
        design(**nothing)


@pytest.mark.parametrize("bad", [{"seeds": 0}, {"l1": [-1]}, {"epochs": 0}, {"lr": 0}, {"epoch": 3}])
def test_design_refuses_what_a_file_would(bad: dict[str, Any]) -> None:
    """Options are validated as a file's fields are."""
    with pytest.raises(SpecError):
        design(**bad)


def test_nesterov_without_momentum_is_refused() -> None:
    """There is nothing to look ahead along; PyTorch would only say so when training starts."""
    assert "nesterov needs a momentum above 0" in refused(recipe={"optimizer": {"nesterov": True, "momentum": 0}})


PENALISED = "arms.0.penalty"


@pytest.mark.parametrize(
    ("penalty", "path", "said"),
    [
        ({"kind": "prox", "lambda": -1e-9}, f"{PENALISED}.lambda", "greater than or equal to 0"),
        ({"kind": "prox", "lambda": float("nan")}, f"{PENALISED}.lambda", "finite number"),
        ({"kind": "prox", "lambda": float("inf")}, f"{PENALISED}.lambda", "finite number"),
        ({"kind": "prox", "lambda": "1e-4"}, f"{PENALISED}.lambda", "valid number, got '1e-4'"),
        ({"kind": "proxy", "lambda": 1e-4}, f"{PENALISED}.kind", "'subgrad', 'prox'"),
        ({"kind": "prox"}, f"{PENALISED}.lambda", "field required"),
        ({"kind": "gamma", "lambda": 1e-4, "on": "all"}, PENALISED, "gamma acts on 'scales' or a pattern"),
        ({"kind": "prox", "lambda": 1e-4, "mix": 0.9}, PENALISED, "mix is the share of L1 in an elastic penalty"),
        ({"kind": "prox", "lambda": 1e-4, "onn": "all"}, f"{PENALISED}.onn", "there are kind, lambda, on, mix"),
    ],
)
def test_a_penalty_that_is_none_is_refused(penalty: dict[str, Any], path: str, said: str) -> None:
    """The error has the field's path, what came and what is allowed."""
    message = refused(arms=[{"norm": "bn", "penalty": penalty}])
    assert message.startswith(f"{path}: ")
    assert said in message


def test_a_penalty_is_said_once() -> None:
    """`l1` beside `penalty` would leave open which of them counts; λ as text is none in either spelling."""
    assert "give l1 or penalty, got both" in refused(
        arms=[{"norm": "bn", "l1": 1e-4, "penalty": {"kind": "prox", "lambda": 1e-4}}]
    )
    assert refused(arms=[{"norm": "bn", "l1": "1e-4"}]).startswith("arms.0.l1: input should be a valid number")


@pytest.mark.parametrize(
    ("values", "name"),
    [
        ({"kind": "subgrad", "lambda": 1e-4, "on": "all"}, "L1 0.0001 on all"),
        ({"kind": "prox", "lambda": 1e-3}, "prox 0.001"),
        ({"kind": "gamma", "lambda": 0.03}, "gamma 0.03"),
        ({"kind": "elastic", "lambda": 1e-3, "mix": 0.9, "on": "conv*"}, "elastic 0.001 mix 0.9 on conv*"),
    ],
)
def test_a_penalty_survives_a_file_and_has_its_name(values: dict[str, Any], name: str) -> None:
    """TOML out and in gives the same study with the same digest, and the arm says all that it is."""
    study = parse({"arms": [{"norm": "ln", "penalty": values}]})
    again = spec.from_toml(study.to_toml())
    assert (again, again.digest) == (study, study.digest)
    assert study.arms[0].name == f"ln + {name}"


def test_a_path_excludes_stopping_early() -> None:
    """A path needs all of its arms on every seed."""
    assert "exclude each other" in refused(arms=[{"norm": "bn"}], warm_start=True, until_settled=True)
