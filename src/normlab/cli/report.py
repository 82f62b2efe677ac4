"""`normlab report`: a stored study's report, written anew."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from normlab.cli import completion, options
from normlab.cli.compare import show
from normlab.cli.latest import named_or_latest
from normlab.cli.opened import Open, Opener
from normlab.cli.options import Form
from normlab.errors import SpecError


def report(
    study: Annotated[
        str | None,
        typer.Argument(
            help="A study: its name, or its folder. Default: the latest.", autocompletion=completion.studies
        ),
    ] = None,
    *,
    out: options.Out = Path("normlab-out"),
    level: options.Level = None,
    margin: options.Margin = None,
    outcome: options.Outcome = None,
    png: Annotated[Path | None, typer.Option(help="Save each chart in this folder as PNG.")] = None,
    svg: Annotated[Path | None, typer.Option(help="Save each chart in this folder as SVG.")] = None,
    form: options.Printed = Form.text,
    details: options.Details = False,
    playground: Annotated[
        bool, typer.Option("--playground", help="Put a sheet into the report: draw, and all trained networks vote.")
    ] = False,
    open_: Open = False,
) -> None:
    """Write a stored study's report again, finished or not, and print its table.

    Examples: normlab report · normlab report compare --margin 0.2 · normlab report compare --png charts ·
    normlab report compare --playground --open
    """
    from normlab.verbs import suites
    from normlab.verbs.reopen import reopen

    opener, named = Opener(wanted=open_), named_or_latest(study, out)
    if suite := suites.find(named, out):
        _only_of_one({"--png": png, "--svg": svg, "--playground": playground})
        over_all = suites.reopened(suite, level=level, margin=margin, outcome=outcome)
        show(over_all, form, details=details)
        opener.open(over_all.report.resolve().as_uri())
        return
    result = reopen(named, out=out, level=level, margin=margin, outcome=outcome, playground=playground)
    if png is not None:
        result.save_charts(png, "png")
    if svg is not None:
        result.save_charts(svg, "svg")
    show(result, form, details=details)
    opener.open(result.report.resolve().as_uri())


def _only_of_one(given: dict[str, object]) -> None:
    for option, value in given.items():
        if value:
            raise SpecError(f"{option} goes with one data set: give one of the suite’s studies")
