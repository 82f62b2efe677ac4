"""A hook of mkdocs: writes the commands and their options where a page says `<!-- commands -->`.

They come from the typer app itself, so that the page cannot fall behind it.
"""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from itertools import groupby
from typing import Any

import typer

from normlab.cli import app

PLACE = "<!-- commands -->"


def on_page_markdown(markdown: str, **_: Any) -> str:
    """The page with every command in the place of the comment."""
    return markdown.replace(PLACE, "\n\n".join(_all())) if PLACE in markdown else markdown


def _all() -> Iterator[str]:
    whole = typer.main.get_command(app)
    for context in _leaves(whole.make_context("normlab", ["data"], resilient_parsing=True)):
        yield from _section(context)


def _leaves(context: Any) -> Iterator[Any]:
    """The contexts of all commands under this one, those of groups taken apart."""
    for name, command in getattr(context.command, "commands", {}).items():
        below = command.make_context(name, [], parent=context, resilient_parsing=True)
        yield from _leaves(below) if hasattr(command, "commands") else [below]


def _section(context: Any) -> Iterator[str]:
    """Heading, usage, what it does, its options by panel, its examples."""
    does, _, examples = context.command.help.partition("\nExample")
    yield f"## {context.command_path}"
    yield f"```\n{context.command.get_usage(context).removeprefix('Usage: ')}\n```"
    yield escape(does.strip(), quote=False)
    for panel, options in groupby(sorted(context.command.params, key=_panel), _panel):
        yield _table(panel, [option.get_help_record(context) for option in options])
    if examples:
        yield f"```sh\n{_lines(examples)}\n```"


def _panel(option: Any) -> str:
    return option.rich_help_panel or ""


def _table(panel: str, records: list[tuple[str, str]]) -> str:
    rows = [f"| `{name}` | {_cell(text)} |" for name, text in records]
    return "\n".join([f"| {panel or 'Option'} | |", "|---|---|", *rows])


def _cell(text: str) -> str:
    """Text that may stand in a table, with brackets that are no links."""
    return escape(text, quote=False).replace("|", r"\|").replace("[", r"\[")


def _lines(examples: str) -> str:
    """`s: one · two`, each on a line."""
    text = " ".join(examples.partition(":")[2].split())
    return "\n".join(line.strip() for line in text.split("·") if line.strip())
