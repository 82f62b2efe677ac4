"""`normlab report`: a stored study's report, written anew."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from normlab.cli import options
from normlab.cli.compare import Form, show


def report(
    folder: Annotated[Path, typer.Argument(help="The folder of a study, as `normlab compare` leaves it.")],
    *,
    level: options.Level = None,
    margin: options.Margin = None,
    png: Annotated[Path | None, typer.Option(help="Save each chart in this folder as PNG.")] = None,
    svg: Annotated[Path | None, typer.Option(help="Save each chart in this folder as SVG.")] = None,
    form: Annotated[Form, typer.Option("--format", help="How the table is printed.")] = Form.text,
) -> None:
    """Write a stored study's report again, finished or not, and print its table.

    Examples: normlab report normlab-out/compare-1f0a4a5e · normlab report normlab-out/compare-1f0a4a5e --margin 0.2
    """
    from normlab.study import reopen

    result = reopen(folder, level=level, margin=margin)
    if png is not None:
        result.save_charts(png, "png")
    if svg is not None:
        result.save_charts(svg, "svg")
    show(result, form)
