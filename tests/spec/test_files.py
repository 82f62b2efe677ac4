"""Studies as TOML, in and out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, reject, settings
from hypothesis import strategies as st

from normlab.errors import SpecError
from normlab.spec import KINDS, PREPROCESSES, PRESETS, Recipe, Study, find, from_toml, parse, read


def floats(least: float = 0, most: float = 1e6, **how: bool) -> st.SearchStrategy[float]:
    return st.floats(least, most, allow_nan=False, **how)


BELOW_ONE = floats(0, 1, exclude_max=True)
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "model": st.text(max_size=10),
    "norm": st.text(max_size=10),
    "preprocess": st.sampled_from(PREPROCESSES),
    "batch_size": st.integers(1, 10_000),
    "epochs": st.integers(1, 10_000),
    "dropout": BELOW_ONE,
    "train_images": st.integers(0, 60_000),
    "optimizer.kind": st.sampled_from(["sgd", "adamw"]),
    "optimizer.lr": floats(0, exclude_min=True)
    | st.builds(
        lambda base, per, at, rule: {"base": base, "per": per, "at": at, "rule": rule},
        floats(1e-3, 1e3),
        st.sampled_from(["batch_size", "epochs"]),
        floats(1e-3, 1e3),
        st.sampled_from(["linear", "sqrt"]),
    ),
    "optimizer.momentum": st.floats(0.01, 0.99),
    "optimizer.nesterov": st.booleans(),
    "optimizer.weight_decay": floats(),
    "schedule.kind": st.sampled_from(["constant", "one-cycle"]),
    "schedule.warmup": BELOW_ONE,
    "schedule.final": floats(most=1),
    "augment.rotation": floats(most=180),
    "augment.shift": floats(most=64),
    "augment.scale": BELOW_ONE,
    "penalty.kind": st.sampled_from(KINDS),
    "penalty.lambda": floats(),
    "penalty.on": st.sampled_from(["usual", "weights", "all", "scales", "conv*"]),
    "penalty.mix": st.floats(0, 1),
}
JUDGED_BY = {"dataset": st.text(max_size=10), "holdout": st.integers(0, 60_000)}
CHANGES = st.fixed_dictionaries({}, optional=VALUES)
FACTORS = st.lists(st.sampled_from(sorted(VALUES)), unique=True, max_size=3).flatmap(
    lambda paths: st.fixed_dictionaries({path: st.lists(VALUES[path], min_size=1, max_size=3) for path in paths})
)
NAMED = st.fixed_dictionaries({"name": st.text("abc·: é0+", min_size=1, max_size=80)})
ARMS = st.lists(st.tuples(CHANGES, NAMED | st.just({})).map(lambda both: both[0] | both[1]), max_size=3)
TABLES = st.fixed_dictionaries(
    {
        "name": st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", fullmatch=True),
        "seeds": st.one_of(
            st.integers(1, 40), st.lists(st.integers(0, 2**32 - 1), min_size=1, max_size=5, unique=True)
        ),
        "root": st.integers(0, 2**62),
        "device": st.sampled_from(["cpu", "cuda", "mps"]),
        "engine": st.sampled_from(["auto", "lanes", "eager", "reference"]),
        "warm_start": st.booleans(),
        "recipe": st.fixed_dictionaries({"preset": st.sampled_from(sorted(PRESETS))}, optional=VALUES | JUDGED_BY),
        "vary": FACTORS,
        "arms": ARMS,
        "verdict": st.fixed_dictionaries({}, optional={"level": st.floats(0.51, 0.99), "margin": st.floats(0.01, 100)}),
    }
)


@st.composite
def studies(draw: st.DrawFn) -> Study:
    """Any study, with questions about some of its factors and perhaps a baseline."""
    table = draw(TABLES)
    try:
        study = parse(table)
    except SpecError:  # an arm twice, a penalty that cannot be, …
        reject()
    asked = draw(st.lists(st.sampled_from(study.factors), unique=True)) if study.factors else []
    baseline = draw(st.sampled_from(["", *(arm.name for arm in study.arms)]))
    return parse({**table, "questions": asked, "baseline": baseline})


@given(studies())
@settings(suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow], max_examples=50)
@pytest.mark.long
def test_a_study_survives_toml(study: Study) -> None:
    """Written and read again it is the same value: factors, links, arms by hand, questions, baseline and all."""
    again = from_toml(study.to_toml())
    assert again == study
    assert again.arms == study.arms
    assert [arm.stated for arm in again.arms] == [arm.stated for arm in study.arms]
    assert again.to_toml() == study.to_toml()


@given(studies())
@settings(suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow], max_examples=30)
@pytest.mark.slow
def test_equal_arms_have_equal_digests(study: Study) -> None:
    """And different ones different digests: what merges two arms and what names a run agree."""
    assert len({arm.recipe.digest for arm in study.arms}) == len(study.arms)
    assert all(arm.recipe.digest == Recipe.model_validate(arm.recipe.model_dump()).digest for arm in study.arms)


def test_a_study_can_be_a_few_lines(tmp_path: Path) -> None:
    """What a person leaves out takes its default."""
    path = tmp_path / "study.toml"
    path.write_text('seeds = 2\nrecipe = "course"\n[vary]\nnorm = ["bn", "ln"]\n')
    study = read(str(path))
    assert [arm.name for arm in study.arms] == ["bn", "ln"]
    assert study.seeds == (0, 1)
    assert study.recipe == Recipe.model_validate("course")


def test_a_field_may_be_written_by_its_path_or_in_tables() -> None:
    """Or by the last part of it, where that is one field's alone."""
    spellings = [
        'optimizer.lr = 0.3\n[vary]\n"penalty.lambda" = [0.0, 1.0]',
        "lr = 0.3\n[vary]\nlambda = [0.0, 1.0]",
        "[recipe.optimizer]\nlr = 0.3\n[vary.penalty]\nlambda = [0.0, 1.0]",
    ]
    first, *others = [from_toml(f"[recipe]\n{text}") for text in spellings]
    assert [others[0], others[1]] == [first, first]
    assert find("lr").of(first.recipe) == 0.3


def test_bad_toml_is_named_with_its_file_and_line() -> None:
    """A slip in the syntax says where it is."""
    with pytest.raises(SpecError, match=r"^my\.toml is not valid TOML: .*line 2"):
        from_toml("seeds = 3\narms = = 3", "my.toml")


@pytest.mark.parametrize("ending", ["csv", "TSV", "jsonl"])
def test_a_table_is_sent_to_who_reads_it(tmp_path: Path, ending: str) -> None:
    """Whoever looks for faults in a table of results finds the way."""
    path = tmp_path / f"results.{ending}"
    path.write_text("norm,seed,acc\nbn,0,99\n")
    with pytest.raises(SpecError, match=r"expected TOML, got a table; `normlab judge` takes a table of runs"):
        read(path)


def test_a_bad_field_is_named_with_its_file() -> None:
    """A file's errors begin with the file's name."""
    with pytest.raises(SpecError, match=r"^my\.toml: recipe\.epochs: .*greater than or equal to 1, got 0$"):
        from_toml("recipe = {epochs = 0}", "my.toml")


@pytest.mark.parametrize("make", [Path.exists, Path.mkdir, lambda path: path.write_bytes(b"\xff")])
def test_an_unreadable_file_is_a_spec_error(tmp_path: Path, make: Any) -> None:
    """No such file, a folder, and bytes that are no text all name the path."""
    path = tmp_path / "study.toml"
    make(path)
    with pytest.raises(SpecError, match=r"^cannot read the study .*study\.toml: "):
        read(path)


def test_a_file_of_megabytes_is_no_study(tmp_path: Path) -> None:
    """It is not even read."""
    path = tmp_path / "study.toml"
    path.write_text("#" * ((1 << 20) + 1))
    with pytest.raises(SpecError, match="more than 1,048,576 bytes"):
        read(path)


@pytest.mark.parametrize("text", ["a = " + "[" * 5_000, "a." * 5_000 + "b = 1"])
def test_tables_without_end_are_no_study(text: str) -> None:
    """What overflows the parser is a plain error."""
    with pytest.raises(SpecError):
        from_toml(text)


@pytest.mark.parametrize(
    "text", ["[recipe]\nepochs = true", "[recipe.optimizer]\nlr = false", "[vary]\nepochs = [true, 2]"]
)
def test_truth_is_no_number(text: str) -> None:
    """Python takes `true` for 1; a person who writes it means something else."""
    with pytest.raises(SpecError, match=r"(epochs|lr): true and false are no values of this field, got (True|False)"):
        from_toml(text)
