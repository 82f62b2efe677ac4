"""A hook of mkdocs: the fields of a recipe as a table where a page says `<!-- fields -->`.

They come from the recipe itself, so that the page cannot fall behind it.
"""

from __future__ import annotations

from typing import Any

from normlab.spec import PRESETS, Recipe, RecipeField, known

PLACE = "<!-- fields -->"
HEADS = ("field", "what it is", "values", "order", "short option", *(f"in `{preset}`" for preset in PRESETS))
ORDERS = {"nominal": "", "ordered": "by size", "log": "log"}


def on_page_markdown(markdown: str, **_: Any) -> str:
    """The page with every field in the place of the comment."""
    return markdown.replace(PLACE, table()) if PLACE in markdown else markdown


def table() -> str:
    """A line for each field, in the recipe's order."""
    rows = [HEADS, ["---"] * len(HEADS), *(_cells(field) for field in known().values())]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _cells(field: RecipeField) -> tuple[str, ...]:
    options = " ".join(f"`--{option}`" for option in field.setting.option.split())
    order = ORDERS[field.setting.scale] if field.ordered else ""
    usual = (f"`{_written(field.of(Recipe.model_validate(preset)))}`" for preset in PRESETS)
    return f"`{field.path}`", field.setting.help, _values(field), order, options, *usual


def _values(field: RecipeField) -> str:
    if field.choices:
        return ", ".join(f"`{choice}`" for choice in field.choices)
    if field.setting.table:
        return "a table of arguments"
    return field.range or {bool: "`true`, `false`", str: "a name"}.get(field.kind, "any number")


def _written(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:g}" if isinstance(value, float) else str(value) or "none"
