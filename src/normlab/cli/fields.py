"""The recipe's fields as options: short ones for those that have one, `--set`, `--vary` and `--arm` for all.

All are made from the fields: a new line in the recipe is an option.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Mapping, Sequence
from functools import wraps
from typing import Annotated, Any, get_type_hints

import typer

from normlab.cli import options
from normlab.errors import SpecError
from normlab.spec.fields import RecipeField, Value, find, known
from normlab.spec.options import Options
from normlab.spec.problems import short
from normlab.spec.study import JUDGED_BY

PANEL = "Recipe"
SETS = "--set"
VARIES = "--vary"
BY_HAND = "--arm"
TUNES = "--tune"
PLACE = "dataset"
"""The field that is a name or a path; a path may have commas in it."""
READING: Mapping[str, Any] = {"resize": options.Resize, "grey": options.Grey, "bad_images": options.BadImages}
"""How a person's own images are read: a part of what the field says."""


def recipe_options(*, several: bool, without: Sequence[str] = ()) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Give a command an option for each field that has a short one, and those for all fields.

    The command is called with `fields`, an `Options` of what was said.

    Args:
        several: whether a field may be given several values, which makes a factor of it.
        without: paths of fields that the command asks for in a way of its own.
    """

    def added(command: Callable[..., Any]) -> Callable[..., Any]:
        short = {_identifier(f): f for f in known().values() if f.setting.option and f.path not in without}

        @wraps(command)
        def called(**given: Any) -> Any:
            told = {short[name].path: given.pop(name) for name in short}
            more = {name: given.pop(name, None) or [] for name in ("set_", "vary", "arm")}
            reading: Any = {name: given.pop(name) for name in READING}
            return command(**given, fields={**stated(told, more["set_"], more["vary"], more["arm"]), **reading})

        hints = get_type_hints(command, include_extras=True)
        plain = inspect.signature(command).parameters.values()
        own = [each.replace(annotation=hints[each.name]) for each in plain if each.name != "fields"]
        made = [_short(field, name, several=several) for name, field in short.items()]
        made += [*(_parameter(name, each, None) for name, each in READING.items()), *_general(several=several)]
        called.__signature__ = inspect.Signature([*own, *made])  # type: ignore[attr-defined]
        called.__annotations__ = {each.name: each.annotation for each in [*own, *made]}
        return called

    return added


def stated(short: Mapping[str, str | None], sets: Sequence[str], varies: Sequence[str], arms: Sequence[str]) -> Options:
    """What short options, `--set`, `--vary` and `--arm` say; raises `SpecError` for what is no field or no value."""
    levels = {
        path: [text] if path == PLACE else _levels(find(path), text) for path, text in short.items() if text is not None
    }
    fixed = {path: values[0] for path, values in levels.items() if len(values) == 1}
    varied = {path: values for path, values in levels.items() if len(values) != 1}
    for text in sets:
        field, value = _assigned(text, SETS)
        fixed[field.path] = _value(field, value)
    for text in varies:
        field, value = _assigned(text, VARIES)
        varied[field.path] = _levels(field, value)
    return {"set": fixed, "vary": varied, **({"arms": [_arm(text) for text in arms]} if arms else {})}


def several(texts: Sequence[str], option: str) -> dict[str, list[Value]]:
    """Values by field, each text FIELD=V1,V2; raises `SpecError` for what is no field, or stands twice."""
    found: dict[str, list[Value]] = {}
    for text in texts:
        field, values = _assigned(text, option)
        if field.path in found:
            raise SpecError(f"{option} {field.path}: it stands twice; name all its values at once")
        found[field.path] = _levels(field, values)
    return found


def _identifier(field: RecipeField) -> str:
    return "field_" + field.path.replace(".", "_")


def _short(field: RecipeField, name: str, *, several: bool) -> inspect.Parameter:
    spellings = [f"--{option}" for option in field.setting.option.split()]
    told = f"{field.setting.help}{_allowed(field)}"
    if several:
        told += " Several, with commas, are compared." if field.path not in JUDGED_BY else ""
    option = typer.Option(*spellings, help=told, rich_help_panel=PANEL, show_default=False, metavar="VALUE")
    return _parameter(name, Annotated[str | None, option], None)


def _allowed(field: RecipeField) -> str:
    return f" {field.range[:1].upper()}{field.range[1:]}." if field.range else ""


def _general(*, several: bool) -> list[inspect.Parameter]:
    every = f"FIELD is one of {', '.join(known())}."
    sets = typer.Option(SETS, metavar="FIELD=VALUE", help=f"Another value in all arms. {every}", rich_help_panel=PANEL)
    made = [_parameter("set_", Annotated[list[str] | None, sets], None)]
    if several:
        varies = typer.Option(
            VARIES, metavar="FIELD=V1,V2,…", help="A factor; several are crossed.", rich_help_panel=PANEL
        )
        arms = typer.Option(
            BY_HAND, metavar="'NAME: FIELD=VALUE …'", help="One more arm, by hand.", rich_help_panel=PANEL
        )
        made += [_parameter("vary", Annotated[list[str] | None, varies], None)]
        made += [_parameter("arm", Annotated[list[str] | None, arms], None)]
    return made


def _parameter(name: str, annotation: Any, default: Any) -> inspect.Parameter:
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation)


def _assigned(text: str, option: str) -> tuple[RecipeField, str]:
    name, equals, value = text.partition("=")
    if not equals or not value.strip():
        raise SpecError(f"{option}: expected FIELD=VALUE, such as batch_size=32, got {short(text)}")
    return find(name.strip()), value.strip()


def _levels(field: RecipeField, text: str) -> list[Value]:
    """Values with commas between them; commas in braces are a table's."""
    return [_value(field, part.strip()) for part in re.findall(r"\{[^}]*\}|[^,{]+", text) if part.strip()]


def _value(field: RecipeField, text: str) -> Value:
    return _table(field, text) if text.startswith("{") and not field.setting.table else field.read(text)


def _table(field: RecipeField, text: str) -> dict[str, Value]:
    """`{base=0.1, per=batch_size, at=128}`, also with quotes around words, as in TOML."""
    parts = [part.partition("=") for part in text.strip("{}").split(",")]
    if not text.endswith("}") or not all(equals and key.strip() and value.strip() for key, equals, value in parts):
        raise SpecError(
            f"{field.path}: expected a table such as {{base=0.1, per=batch_size, at=128}}, got {short(text)}"
        )
    return {key.strip(): _scalar(value.strip()) for key, _, value in parts}


def _scalar(text: str) -> Value:
    try:
        return float(text)
    except ValueError:
        return text.strip("\"'")


def _arm(text: str) -> dict[str, Value]:
    """`NAME: FIELD=VALUE FIELD=VALUE`; the name may be left out."""
    found = re.fullmatch(r"\s*(?:(?P<name>[^=]*):(?:\s+|$))?(?P<changes>.*)", text, re.DOTALL)
    changes = re.findall(r"[^\s=]+=\{[^}]*\}|\S+", found["changes"] if found else text)
    assigned = [_assigned(change, BY_HAND) for change in changes]
    name = (found["name"] or "").strip() if found else ""
    if not name and not assigned:
        raise SpecError(f"{BY_HAND}: expected 'NAME: FIELD=VALUE …', such as 'big: batch_size=512', got {short(text)}")
    return {**({"name": name} if name else {}), **{field.path: _value(field, value) for field, value in assigned}}
