"""`normlab convert`: the norms of a network exchanged, and what became of each."""

from __future__ import annotations

import re
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from normlab.cli.console import say

SIDE = re.compile("[0-9]{1,5}")


class Form(StrEnum):
    """How the report is written."""

    text = "text"
    json = "json"
    markdown = "markdown"


def convert(
    model: Annotated[str, typer.Argument(help="The function that makes it: package.module:factory, file.py:factory.")],
    *,
    to: Annotated[str, typer.Option(help="The norm to put in, for instance gn:4, gn:cpg=8 or none.")],
    size: Annotated[str | None, typer.Option(help="An image that it takes, as 3x32x32: then one passes.")] = None,
    model_args: Annotated[str, typer.Option(help="Arguments of the function, as JSON.")] = "",
    nearest: Annotated[bool, typer.Option("--nearest", help="The nearest groups that divide the channels.")] = False,
    skip: Annotated[list[str] | None, typer.Option(help="Norms that stay, as in head.*; more than once.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Write no file, only say what would be done.")] = False,
    out: Annotated[Path, typer.Option(help="The file for the converted weights.")] = Path("converted.safetensors"),
    form: Annotated[Form, typer.Option("--format", help="text, json or markdown.")] = Form.text,
) -> None:
    """Exchange every norm of a network, and say of each what it was, what it is, and what was kept or why it stays.

    The weights of the converted network are written as safetensors. Your code is run; nothing of it is changed.

    Examples: normlab convert nets.py:make --to gn:cpg=8 --size 3x32x32 --dry-run · normlab convert
    mylab.nets:make --to gn:4 --format markdown
    """
    import json

    from normlab.spec.arguments import table_of, text_of
    from normlab.verbs import convert as verb

    arguments = table_of(_said("--model-args", text_of, model_args))
    changed, report = verb.convert_place(
        model, to, shape=_shape(size), arguments=arguments, nearest=nearest, skip=skip or ()
    )
    if form is Form.json:
        say(json.dumps(report.to_dict(), indent=2, ensure_ascii=False))
    else:
        say(report.to_markdown() if form is Form.markdown else str(report))
    if not dry_run:
        verb.save(changed, out)
        say(f"Written: {out}", err=form is not Form.text)


def _said(option: str, read: Callable[[str], str], text: str) -> str:
    """What an option says; its fault with the option's name."""
    from normlab.errors import SpecError
    from normlab.spec.problems import short

    try:
        return read(text)
    except ValueError as error:
        raise SpecError(f"{option}: {error}, got {short(text)}") from None


def _shape(size: str | None) -> tuple[int, int, int] | None:
    """`3x32x32` as (channels, height, width)."""
    from normlab.errors import SpecError
    from normlab.spec.problems import short

    if size is None:
        return None
    parts = size.lower().replace("×", "x").split("x")
    if len(parts) != 3 or not all(SIDE.fullmatch(part) and 0 < int(part) <= 4096 for part in parts):
        raise SpecError(f"--size: expected channels x height x width, each 1 to 4096, as in 3x32x32; got {short(size)}")
    return int(parts[0]), int(parts[1]), int(parts[2])
