"""An explanation as one reads it in the terminal."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from rich.console import ConsoleRenderable
from rich.text import Text

from normlab.explanation import about, extremes, kernel
from normlab.explanation.cell import Cell, arithmetic, place, remembered
from normlab.explanation.check import TOLERANCE
from normlab.explanation.facts import NormFacts
from normlab.explanation.figure import FIGURE
from normlab.explanation.grid import Beside, Grid
from normlab.explanation.numbers import number
from normlab.explanation.running import Running
from normlab.explanation.sets import letter
from normlab.explanation.shown import section, table
from normlab.explanation.worked import Array, Worked
from normlab.show.numbers import plural

MANY = 12
"""Sets that the table of statistics lists."""


def introduction(x: Array) -> str:
    """Which tensor it is, and how to read the grids."""
    images, channels, height, width = x.shape
    size = f"{plural(images, 'image')} × {plural(channels, 'channel')} × {height}×{width}"
    name = "The figure of the course study" if np.array_equal(x, FIGURE) else "A tensor"
    return f"{name}: {size}. Cells with one letter and colour share one mean and one variance.\n"


def vouched() -> str:
    """What the numbers were held against."""
    from importlib.metadata import version

    release = version("torch").partition("+")[0]
    return f"PyTorch {release} gives the same numbers in float64, to {TOLERANCE:.0e} of the largest."


def parts(found: NormFacts) -> Iterator[ConsoleRenderable]:
    """What is printed, from top to bottom."""
    worked, cell = found.worked, found.cell
    yield Text(about.heading(worked), style="bold")
    yield Text(about.sharing(worked))
    if worked.name.standardized:
        yield from section("The kernels before it", kernel.lines(worked.eps))
    yield Text(about.formula(worked) + "\n")
    yield Beside(
        ("x, before", Grid(worked.x, worked.sets, cell)),
        ("y, after", Grid(worked.y, worked.sets, cell, decimals=4, lettered=False)),
    )
    if not worked.name.pointwise:
        yield _statistics(worked)
    yield from section(f"The cell at {place(cell)}", arithmetic(worked, cell))
    if found.running is not None:
        yield from _memory(worked, found.running, cell)
    for title, lines in extremes.told(found):
        yield from section(title, lines)


def _statistics(worked: Worked) -> ConsoleRenderable:
    """A row for each set."""
    root_mean_square = worked.name.root_mean_square
    names = ["set", "cells of", "values", *(["mean square"] if root_mean_square else ["mean", "biased variance"])]
    rows = table(*names, left=2)
    for index in range(min(len(worked.centre), MANY)):
        numbers = [number(worked.spread[index])]
        if not root_mean_square:
            numbers.insert(0, number(worked.centre[index]))
        rows.row(letter(index), about.where(worked, index), str(worked.of(index).size), *numbers)
    if len(worked.centre) > MANY:
        rows.row("…", f"and {len(worked.centre) - MANY} more")
    return rows


def _memory(worked: Worked, running: Running, cell: Cell) -> Iterator[ConsoleRenderable]:
    """What batch norm and its kin remember, and what eval mode makes of it."""
    yield Text("\nRunning statistics after this batch, from 0 and 1 with momentum 0.1", style="bold")
    rows = table("after", "batch mean", "unbiased variance", "running mean", "running variance")
    columns = (worked.centre, running.unbiased, running.means[1:].ravel(), running.variances[1:].ravel())
    for index, numbers in enumerate(zip(*columns, strict=True)):
        rows.row(about.where(worked, index), *map(number, numbers))
    yield rows
    yield from section("The same cell in eval mode", remembered(worked, running, cell))
    yield Text("\ny in eval mode, which uses the running statistics", style="bold")
    yield Grid(running.y, worked.sets, cell, decimals=4, lettered=False)
