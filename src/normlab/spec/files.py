"""Studies out of plain values and TOML files, and what is wrong with one, in a line."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from normlab.errors import SpecError
from normlab.spec.arm import Arm, Penalty
from normlab.spec.recipe import Augment, Optimizer, Recipe, Schedule
from normlab.spec.study import Judging, Study


def parse(values: Mapping[str, Any]) -> Study:
    """A study from plain values; raises `SpecError` with the path of the first bad field and what is allowed."""
    try:
        return Study.model_validate(dict(values))
    except ValidationError as error:
        raise SpecError(_first_problem(error)) from None


def from_toml(text: str, where: str = "study") -> Study:
    """A study from TOML text; `where` names the file in errors."""
    try:
        return parse(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise SpecError(f"{where} is not valid TOML: {error}") from None
    except SpecError as error:
        raise type(error)(f"{where}: {error}") if type(error) is SpecError else error from None


def read(path: Path) -> Study:
    """A study from a TOML file."""
    try:
        return from_toml(path.read_text(encoding="utf-8"), str(path))
    except (OSError, UnicodeDecodeError) as error:
        raise SpecError(f"cannot read the study {path}: {error}") from None


def _first_problem(error: ValidationError) -> str:
    first = error.errors(include_url=False)[0]
    path = ".".join(str(part) for part in first["loc"]) or "study"
    message = first["msg"].removeprefix("Value error, ")
    more = error.error_count() - 1
    tail = f" (and {more} more)" if more else ""
    given = first["input"]
    if first["type"] == "extra_forbidden":
        return f"{path}: there is no such field; {_fields_beside(first['loc'])}{tail}"
    got = f", got {given!r}" if isinstance(given, str | int | float) and "got" not in message else ""
    return f"{path}: {message[:1].lower()}{message[1:]}{got}{tail}"


def _fields_beside(location: tuple[int | str, ...]) -> str:
    """The fields that exist where an unknown one was given."""
    level: type[BaseModel] = Study
    for part in location[:-1]:
        level = TABLES.get(str(part), level)
    return f"the fields there are {', '.join(field.alias or name for name, field in level.model_fields.items())}"


TABLES: dict[str, type[BaseModel]] = {
    "recipe": Recipe,
    "verdict": Judging,
    "optimizer": Optimizer,
    "schedule": Schedule,
    "augment": Augment,
    "arms": Arm,
    "penalty": Penalty,
}
