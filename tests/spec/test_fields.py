"""The recipe's fields as people reach them: by path, by the last part of it, with their words and ranges."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from normlab.errors import SpecError, UnknownName
from normlab.spec import Recipe, canonical, find, known
from normlab.spec.fields import flat, identity, nested


def test_every_field_of_the_recipe_is_known_by_its_path() -> None:
    """The paths are those of the recipe as a file writes it."""
    assert flat(Recipe().model_dump(mode="json")).keys() == known().keys()


@pytest.mark.parametrize("path", list(known()))
def test_a_field_gives_its_value_and_its_default(path: str) -> None:
    """Each reads its own place in a recipe, and reads back what it writes as text."""
    field = known()[path]
    table = Recipe().model_dump(mode="json")
    for part in path.split("."):
        table = table[part]
    assert field.of(Recipe()) == table
    assert field.read(str(field.default)) == field.default
    assert field.setting.help, "help has nothing to say of it"


@pytest.mark.parametrize(
    ("name", "path"),
    [("lr", "optimizer.lr"), ("lambda", "penalty.lambda"), ("rotation", "augment.rotation"), ("norm", "norm")],
)
def test_the_last_part_of_a_path_is_enough(name: str, path: str) -> None:
    """`lr` is the optimizer's: no other field ends so."""
    assert find(name).path == path


def test_an_ending_that_several_fields_have_is_asked_back() -> None:
    """`kind` alone may be any of three."""
    with pytest.raises(SpecError, match=r"optimizer\.kind or schedule\.kind or penalty\.kind: say which"):
        find("kind")


@pytest.mark.parametrize(
    ("name", "meant"),
    [("optimizer.lrr", "optimizer.lr"), ("batchsize", "batch_size"), ("weight-decay", "weight_decay")],
)
def test_a_misspelt_field_gets_the_nearest(name: str, meant: str) -> None:
    """The error asks whether that one was meant."""
    with pytest.raises(UnknownName, match=rf"unknown field '{name}': did you mean .*{meant}"):
        find(name)


@pytest.mark.parametrize(
    ("path", "level", "written"),
    [
        ("norm", "gn:4", "gn:4"),
        ("batch_size", 32, "batch 32"),
        ("augment.rotation", 7.0, "rotation 7°"),
        ("augment.shift", 1.5, "shift 1.5 px"),
        ("optimizer.lr", 0.1, "lr 0.1"),
        ("optimizer.kind", "adamw", "adamw"),
        ("optimizer.nesterov", True, "nesterov"),
        ("optimizer.nesterov", False, "no nesterov"),
    ],
)
def test_a_level_is_written_with_its_word_and_unit(path: str, level: Any, written: str) -> None:
    """As it stands in the name of an arm."""
    assert known()[path].write(level) == written


def test_a_level_is_short_unless_it_has_to_be_exact() -> None:
    """Six digits are enough for most names."""
    field = known()["optimizer.lr"]
    assert (field.write(0.1 + 0.2), field.write(0.1 + 0.2, exact=True)) == ("lr 0.3", "lr 0.30000000000000004")


def test_a_zero_that_stands_for_all_is_called_so_and_ranks_last() -> None:
    """`train_images = 0` are more images than any number of them; a dropout of 0 is the least."""
    images, dropout = known()["train_images"], known()["dropout"]
    assert (images.write(0), images.write(500)) == ("all images", "images 500")
    few, every = Recipe(train_images=60_000), Recipe(train_images=0)
    assert images.rank(few) < images.rank(every)
    assert dropout.rank(Recipe(dropout=0)) < dropout.rank(Recipe(dropout=0.1))


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("dropout", "at least 0 and below 1"),
        ("batch_size", "at least 1 and at most 65536"),
        ("optimizer.lr", "above 0"),
        ("augment.rotation", "at least 0 and at most 180"),
        ("norm", ""),
    ],
)
def test_a_range_is_told_in_words(path: str, told: str) -> None:
    """From the field's own limits."""
    assert known()[path].range == told


@pytest.mark.parametrize(
    ("path", "ordered"),
    [("batch_size", True), ("penalty.lambda", True), ("norm", False), ("optimizer.nesterov", False)],
)
def test_numbers_are_ordered_and_words_are_not(path: str, ordered: bool) -> None:
    """What decides which levels are compared."""
    assert known()[path].ordered is ordered


@pytest.mark.parametrize(
    ("path", "text", "value"),
    [
        ("batch_size", "32", 32),
        ("optimizer.lr", "1e-3", 1e-3),
        ("optimizer.nesterov", "True", True),
        ("norm", "7", "7"),
    ],
)
def test_text_is_read_as_the_fields_own_kind(path: str, text: str, value: Any) -> None:
    """Numbers as numbers, words as words."""
    read = known()[path].read(text)
    assert (read, type(read)) == (value, type(value))


@pytest.mark.parametrize(
    ("path", "text"), [("batch_size", "3.5"), ("optimizer.lr", "fast"), ("optimizer.nesterov", "yes")]
)
def test_text_that_is_no_value_is_left_for_the_recipe_to_refuse(path: str, text: str) -> None:
    """It comes back as it is, so that the error shows what was written."""
    assert known()[path].read(text) == text


@pytest.mark.parametrize(
    ("one", "other", "equal"),
    [(1, 1.0, True), (1, 2, False), (True, 1, False), ("a", "a", True), ("1", 1, False), ([1], [1], True)],
)
def test_levels_are_the_same_by_their_value(one: Any, other: Any, equal: bool) -> None:
    """A whole number and the fraction equal to it are one level; truth is no number."""
    assert (identity(one) == identity(other)) is equal


# What changes nothing


@pytest.mark.parametrize(
    ("base", "idle"),
    [
        ({}, {"penalty.kind": "prox"}),
        ({}, {"penalty.on": "all"}),
        ({"schedule.kind": "constant"}, {"schedule.warmup": 0.5}),
        ({"optimizer.kind": "adamw"}, {"optimizer.nesterov": False}),
        ({"penalty.lambda": 1e-3}, {"penalty.on": "weights"}),
        ({"penalty.kind": "gamma", "penalty.lambda": 1e-3}, {"penalty.on": "scales"}),
        ({}, {"dropout": -0.0}),
    ],
)
def test_what_changes_nothing_makes_no_difference(base: dict[str, Any], idle: dict[str, Any]) -> None:
    """Recipes that compute the same are one, with one digest."""
    one, other = (canonical(Recipe.model_validate(nested(values))) for values in (base, base | idle))
    assert (one, one.digest) == (other, other.digest)


@given(st.sampled_from(sorted(known())))
def test_what_is_canonical_stays_as_it_is(path: str) -> None:
    """Resolving twice is resolving once, whatever is idle."""
    once = canonical(Recipe.model_validate(nested({path: known()[path].default})))
    assert canonical(once) == once


@given(st.dictionaries(st.sampled_from(sorted(known())), st.integers()))
def test_paths_and_tables_are_two_spellings(values: dict[str, int]) -> None:
    """Nested and flattened again, nothing is lost."""
    assert flat(nested(values)) == values
