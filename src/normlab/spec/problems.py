"""What is wrong with a spec, in a line: the field's path, what came, what is allowed."""

from __future__ import annotations

from difflib import get_close_matches

from pydantic import BaseModel, ValidationError

WORKED_OUT = ("links",)
"""Fields that are read out of others and never written themselves."""


def first_problem(error: ValidationError) -> tuple[str, str]:
    """The path of the first bad field, and what is wrong with it."""
    first = error.errors(include_url=False)[0]
    path = ".".join(str(part) for part in first["loc"])
    message = first["msg"].removeprefix("Value error, ")
    more = error.error_count() - 1
    tail = f" (and {more} more)" if more else ""
    given = first["input"]
    got = f", got {short(given)}" if isinstance(given, str | int | float) and "got" not in message else ""
    return path, f"{message[:1].lower()}{message[1:]}{got}{tail}"


def no_such_field(path: str, model: type[BaseModel]) -> str:
    """That a table has no such field, with the nearest that it has."""
    there = [field.alias or name for name, field in model.model_fields.items() if name not in WORKED_OUT]
    near = get_close_matches(path.rpartition(".")[2], there, n=1)
    hint = f"did you mean {near[0]}? " if near else ""
    return f"{path}: there is no such field; {hint}the fields there are {', '.join(there)}"


def short(value: object) -> str:
    """A value as code, of which 60 letters are enough to know it by."""
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}…"


def one_line(text: str) -> str:
    """Text as it is, but what would start a line or move the cursor, as names from outside may, is spelled out."""
    return "".join(letter if letter.isprintable() else repr(letter)[1:-1] for letter in text)
