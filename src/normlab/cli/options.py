"""Options that several commands share, and the small parsers behind them."""

from __future__ import annotations

import re
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from normlab.cli import completion
from normlab.errors import SpecError
from normlab.spec.problems import short

Out = Annotated[Path, typer.Option(help="The project's folder: its runs, and its studies.", rich_help_panel="Where")]
Study = Annotated[
    str | None,
    typer.Argument(
        metavar="[STUDY]",
        help="A study to run or to grow: its name, folder or TOML file.",
        autocompletion=completion.studies,
    ),
]
RecipeName = Annotated[str | None, typer.Option("--recipe", help="lean (ours) or course (the original's).")]
Seeds = Annotated[str | None, typer.Option(help="How many (3) or which (4,7,9). Default: 3.")]
Name = Annotated[str | None, typer.Option(help="What the study is called.", rich_help_panel="Where")]
Workers = Annotated[
    int | None, typer.Option(min=1, help="Runs at a time. Default: one per core.", rich_help_panel="Where")
]
Cluster = Annotated[
    str | None,
    typer.Option(
        metavar="tcp://HOST:PORT|local:N",
        help="Have the workers of a dask.distributed cluster make the runs, or of one of N workers here.",
        rich_help_panel="Where",
    ),
]
Engine = Annotated[
    str | None,
    typer.Option(
        help="lanes (compiled, CPU), eager (PyTorch) or reference. Default: the fastest.", rich_help_panel="Where"
    ),
]
Device = Annotated[str | None, typer.Option(help="cpu, cuda or mps.", rich_help_panel="Where")]
Repair = Annotated[
    bool, typer.Option("--repair", help="Train anew what is damaged in the store.", rich_help_panel="Where")
]
Level = Annotated[
    float | None,
    typer.Option(
        help="Confidence that all verdicts of a kind hold together. Default: 0.95.", rich_help_panel="Verdict"
    ),
]
Sources = Annotated[
    bool | None,
    typer.Option(
        "--sources/--no-sources",
        help="Also vary initial weights, order, augmentation, dropout alone: where the variance comes from.",
        rich_help_panel="Verdict",
    ),
]
Margin = Annotated[
    float | None,
    typer.Option(
        help="What does not matter, in the unit of the outcome. Default: 0.1 points of accuracy.",
        rich_help_panel="Verdict",
    ),
]
Outcome = Annotated[
    str | None,
    typer.Option(
        metavar="NAME",
        help="What arms are judged by: accuracy, cross-entropy, brier, ece, … With --margin in its unit.",
        rich_help_panel="Verdict",
    ),
]


IMAGES = "Your own images"
Resize = Annotated[int | None, typer.Option(min=1, metavar="N", help="Make them N×N pixels.", rich_help_panel=IMAGES)]
Grey = Annotated[bool | None, typer.Option("--grey", help="Take their colours away.", rich_help_panel=IMAGES)]
BadImages = Annotated[
    str | None,
    typer.Option(
        metavar="skip|fail",
        help="What becomes of those that cannot be read. Default: fail.",
        rich_help_panel=IMAGES,
    ),
]


class Plain(StrEnum):
    """How an answer is printed."""

    text = "text"
    json = "json"


class Form(StrEnum):
    """How the table is printed."""

    text = "text"
    json = "json"
    csv = "csv"
    markdown = "markdown"
    latex = "latex"


Answer = Annotated[Plain, typer.Option("--format", help="Lines for people, or JSON.")]
Details = Annotated[bool, typer.Option("--details", help="Print every pair and every number, not only the answer.")]
Printed = Annotated[Form, typer.Option("--format", help="How the table is printed.")]


def names(text: str | None) -> list[str] | None:
    """`bn,ln` as a list; None stays None."""
    return None if text is None else [part.strip() for part in text.split(",") if part.strip()]


def some(text: str | None, option: str) -> list[str] | None:
    """As `names`, where none at all is a mistake; raises `SpecError` naming the option."""
    found = names(text)
    if found == []:
        raise SpecError(f"{option}: expected names with commas between them, got {short(text)}")
    return found


def numbers(text: str | None, option: str) -> list[float] | None:
    """`0,1e-4` as numbers; raises `SpecError` naming the option."""
    try:
        found = None if text is None else [float(part) for part in text.split(",") if part.strip()]
    except ValueError:
        found = []
    if found == []:
        raise SpecError(f"{option}: expected numbers with commas between them, such as 0,1e-4; got {short(text)}")
    return found


def seeds(text: str | None) -> int | list[int] | None:
    """`3` as a count, `4,7,9` as the seeds themselves; raises `SpecError` otherwise."""
    try:
        if text is None or "," not in text:
            return None if text is None else int(text)
        return [int(part) for part in text.split(",") if part.strip()]
    except ValueError:
        raise SpecError(f"--seeds: expected how many, such as 3, or which, such as 0,1,2; got {short(text)}") from None


def duration(text: str | None, option: str) -> float | None:
    """`90s`, `20m` or `2h` in seconds; raises `SpecError` otherwise."""
    if text is None:
        return None
    found = re.fullmatch(r"\s*([0-9]{1,7}(?:\.[0-9]{1,7})?)\s*([smh])\s*", text)
    if not found:
        raise SpecError(f"{option}: expected a time such as 90s, 20m or 2h; got {short(text)}")
    return float(found[1]) * {"s": 1, "m": 60, "h": 3600}[found[2]]
