"""Options that several commands share, and the small parsers behind them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated

import typer

from normlab.errors import SpecError

Out = Annotated[Path, typer.Option(help="The folder that studies are kept in.", rich_help_panel="Where")]
RecipeName = Annotated[str | None, typer.Option("--recipe", help="lean (ours) or course (the original's).")]
ModelName = Annotated[str | None, typer.Option("--model", help="course or lean.", rich_help_panel="Recipe")]
DatasetName = Annotated[str | None, typer.Option("--dataset", help="mnist or fashion-mnist.", rich_help_panel="Recipe")]
Preprocess = Annotated[
    str | None,
    typer.Option(
        help="What is done to images: standardize, stretch, equalize, clahe or none. Default: standardize.",
        rich_help_panel="Recipe",
    ),
]
Preprocesses = Annotated[
    str | None,
    typer.Option(
        "--preprocess",
        help="What is done to images: standardize, stretch, equalize, clahe, none; several, with commas, are compared."
        " Default: standardize.",
    ),
]
Epochs = Annotated[int | None, typer.Option(help="Passes over the training images.", rich_help_panel="Recipe")]
BatchSize = Annotated[int | None, typer.Option(help="Images in a step.", rich_help_panel="Recipe")]
Rate = Annotated[float | None, typer.Option("--lr", help="Learning rate (its peak).", rich_help_panel="Recipe")]
Dropout = Annotated[float | None, typer.Option(help="Share of values dropped.", rich_help_panel="Recipe")]
Holdout = Annotated[
    int | None,
    typer.Option(help="Judge on this many training images, kept out, instead of test.", rich_help_panel="Recipe"),
]
TrainImages = Annotated[int | None, typer.Option(help="Train on so many of the images only.", rich_help_panel="Recipe")]
Engine = Annotated[
    str | None,
    typer.Option(
        help="lanes (compiled, CPU), eager (PyTorch) or reference. Default: the fastest.", rich_help_panel="Where"
    ),
]
Device = Annotated[str | None, typer.Option(help="cpu, cuda or mps.", rich_help_panel="Where")]
Level = Annotated[
    float | None,
    typer.Option(
        help="Confidence that all verdicts of a kind hold together. Default: 0.95.", rich_help_panel="Verdict"
    ),
]
Margin = Annotated[
    float | None,
    typer.Option(help="Points of accuracy that do not matter. Default: 0.1.", rich_help_panel="Verdict"),
]
Lambdas = Annotated[str | None, typer.Option("--lambda", "--l1", help="λ of the penalty, likewise. Default: 0,1e-4.")]
Lambda = Annotated[float, typer.Option("--lambda", "--l1", help="λ of the penalty.")]
Penalties = Annotated[
    str,
    typer.Option(help="Kinds of penalty for λ: subgrad (L1 in the loss), prox, spred, group, gamma, l2, elastic."),
]
Scope = Annotated[
    str,
    typer.Option(
        "--on", "--l1-on", help="What it acts on: weights (kernels), all (as the course), or a pattern of names."
    ),
]


def names(text: str | None) -> list[str] | None:
    """`bn,ln` as a list; None stays None."""
    return None if text is None else [part.strip() for part in text.split(",") if part.strip()]


def numbers(text: str | None, option: str) -> list[float] | None:
    """`0,1e-4` as numbers; raises `SpecError` naming the option."""
    try:
        return None if text is None else [float(part) for part in text.split(",") if part.strip()]
    except ValueError:
        raise SpecError(f"{option}: expected numbers with commas between them, such as 0,1e-4; got {text!r}") from None


def seeds(text: str | None) -> int | list[int] | None:
    """`3` as a count, `4,7,9` as the seeds themselves; raises `SpecError` otherwise."""
    try:
        if text is None or "," not in text:
            return None if text is None else int(text)
        return [int(part) for part in text.split(",") if part.strip()]
    except ValueError:
        raise SpecError(f"--seeds: expected how many, such as 3, or which, such as 0,1,2; got {text!r}") from None


def duration(text: str | None, option: str) -> float | None:
    """`90s`, `20m` or `2h` in seconds; raises `SpecError` otherwise."""
    if text is None:
        return None
    found = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([smh])\s*", text)
    if not found:
        raise SpecError(f"{option}: expected a time such as 90s, 20m or 2h; got {text!r}")
    return float(found[1]) * {"s": 1, "m": 60, "h": 3600}[found[2]]
