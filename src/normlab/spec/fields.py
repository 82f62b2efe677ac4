"""The recipe's fields by their dotted paths, as `optimizer.lr`: what they are, and how their levels are written."""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from operator import attrgetter
from typing import Any, Literal, get_args, get_origin

from annotated_types import Ge, Gt, Le, Lt
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from normlab.errors import SpecError, UnknownName
from normlab.spec import arguments
from normlab.spec.recipe import Recipe
from normlab.spec.setting import Setting

Value = Any
"""A level: a number, a word, true or false, or a table that links a field to another."""


@dataclass(frozen=True)
class RecipeField:
    """One field of the recipe.

    Args:
        path: its dotted path, as in files and on the command line.
        attribute: the dotted path in Python, which differs where the name is a keyword there.
        kind: `bool`, `int`, `float` or `str`.
        default: its value where neither a preset nor a study says one.
        choices: all values that there are, for a field with few; empty otherwise.
        range: the numbers that are allowed, in words; empty where all are.
        setting: what it is to people.
    """

    path: str
    attribute: str
    kind: type
    default: Value
    choices: tuple[Value, ...]
    range: str
    setting: Setting

    @property
    def title(self) -> str:
        """What axes and questions call it, for instance `batch size` or `learning rate`."""
        return self.setting.title or self.path.rpartition(".")[2].replace("_", " ")

    @property
    def ordered(self) -> bool:
        """Whether its levels have an order."""
        return self.setting.scale != "nominal" and self.kind in (int, float)

    def of(self, recipe: Recipe) -> Value:
        """Its value in a recipe."""
        return attrgetter(self.attribute)(recipe)

    def rank(self, recipe: Recipe) -> float:
        """Where an ordered field's value stands among others: infinite for a 0 that stands for all there is."""
        value = float(self.of(recipe))
        return math.inf if self.setting.zero and not value else value

    def counts(self, recipe: Recipe) -> bool:
        """Whether it changes anything there."""
        return self.setting.when(recipe)

    def write(self, level: Value, *, exact: bool = False) -> str:
        """A level as people read it in the name of an arm: `batch 32`, `rotation 7°`, `adamw`."""
        if isinstance(level, bool):
            return self.setting.word if level else f"no {self.setting.word}"
        if self.setting.zero and not level:
            return self.setting.zero
        if self.setting.table:
            return arguments.told(level)
        level = self.setting.brief(level, exact=exact)
        told = f"{level:g}" if isinstance(level, float) and not exact else str(level)
        return f"{self.setting.word} {told}{self.setting.unit}".strip()

    def read(self, text: str) -> Value:
        """A level from text; what is no value of this field comes back as it is, for the recipe to refuse."""
        return level(self.kind, text)


WORDS: Mapping[type, str] = {bool: "true or false", int: "a whole number", float: "a number", str: "a word"}
"""What levels of each kind are, in words."""


def level(kind: type, text: str) -> Value:
    """A level from text; what is none of this kind comes back as it is."""
    try:
        if kind is bool:
            return {"true": True, "false": False}[text.lower()]
        return kind(text) if kind in (int, float) else text
    except (ValueError, KeyError):
        return text


@cache
def known() -> Mapping[str, RecipeField]:
    """Every field by its path, in the recipe's order."""
    return {field.path: field for field in _walk(Recipe, "", "")}


def find(name: str) -> RecipeField:
    """A field by its path, or by the last part of it where that is one field's alone.

    Raises `UnknownName` with the nearest paths, or `SpecError` where several fields end so.
    """
    if name in known():
        return known()[name]
    ending = [field for path, field in known().items() if path.rpartition(".")[2] == name]
    if len(ending) > 1:
        raise SpecError(f"{name!r} may be {' or '.join(field.path for field in ending)}: say which")
    if not ending:
        raise UnknownName("field", name, known())
    return ending[0]


def canonical(recipe: Recipe) -> Recipe:
    """The recipe that computes the same, with what changes nothing at its default: equal runs have equal recipes."""
    idle = [field for field in known().values() if not field.counts(recipe)]
    values: dict[str, Any] = {field.path: field.of(recipe) or field.kind() for field in known().values()}  # no −0.0
    values |= {field.path: field.default for field in idle}
    if recipe.penalty.lam:
        values["penalty.on"] = recipe.penalty.scope
    return Recipe.model_validate(nested(values))


def nested(values: Mapping[str, Value]) -> dict[str, Any]:
    """Dotted paths as tables in tables."""
    tables: dict[str, Any] = {}
    for path, value in values.items():
        *parents, last = path.split(".")
        table = tables
        for parent in parents:
            table = table.setdefault(parent, {})
        table[last] = value
    return tables


def flat(table: Mapping[str, Any], where: str = "") -> dict[str, Value]:
    """Tables in tables as dotted paths; a path that is a field's is not looked into. Raises `UnknownName`."""
    found: dict[str, Value] = {}
    for key, value in table.items():
        path = f"{where}.{key}" if where else str(key)
        inside = any(other.startswith(f"{path}.") for other in known())
        if inside and isinstance(value, Mapping):
            found |= flat(value, path)
        else:
            found[find(path).path] = value
    return found


def _walk(model: type[BaseModel], path: str, attribute: str) -> Iterator[RecipeField]:
    for name, info in model.model_fields.items():
        here, there = f"{path}{info.alias or name}", f"{attribute}{name}"
        if isinstance(info.annotation, type) and issubclass(info.annotation, BaseModel):
            yield from _walk(info.annotation, f"{here}.", f"{there}.")
        else:
            yield _field(here, there, info)


def _field(path: str, attribute: str, info: FieldInfo) -> RecipeField:
    choices = get_args(info.annotation) if get_origin(info.annotation) is Literal else ()
    kind = type(choices[0]) if choices else info.annotation
    assert isinstance(kind, type), f"{path} is of no plain type"  # noqa: S101 - an invariant of the recipe
    setting = next(each for each in info.metadata if isinstance(each, Setting))
    return RecipeField(path, attribute, kind, info.default, choices, _range(info), setting)


def _range(info: FieldInfo) -> str:
    """Its bounds in words, for instance `0 to 1` or `above 0`."""
    low = next((each for each in info.metadata if isinstance(each, Ge | Gt)), None)
    high = next((each for each in info.metadata if isinstance(each, Le | Lt)), None)
    told = []
    if isinstance(low, Ge):
        told.append(f"at least {low.ge}")
    elif isinstance(low, Gt):
        told.append(f"above {low.gt}")
    if isinstance(high, Le):
        told.append(f"at most {high.le}")
    elif isinstance(high, Lt):
        told.append(f"below {high.lt}")
    return " and ".join(told)


def identity(level: Value) -> Hashable:
    """What levels that are one have in common: 1 and 1.0 are, true and 1 are not."""
    return (type(level) is bool, level) if isinstance(level, int | float | str) else repr(level)
