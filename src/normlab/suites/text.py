"""A suite on a terminal: the answer, whether the ranking depends on the data, pairs by data sets, and the reports."""

from __future__ import annotations

from rich import box
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from normlab.suites import words
from normlab.suites.said import Said
from normlab.suites.tables import rows

LINES = 12
"""Pairs that are shown at a glance."""


def show(said: Said, console: Console | None = None, *, details: bool = False) -> None:
    """Print a suite; to standard output without a console, with `details` all that the page says in words."""
    console = console or Console()
    parts: list[RenderableType] = [
        Text(words.headline(said), style="bold"),
        Text(words.depends(said)),
        _pairs(said, details=details),
        Text(f"Each data set has a report of its own: {', '.join(part.study for part in said.parts)}", style="dim"),
    ]
    console.print(Group(*parts, *(_chapters(said) if details else ())))


def _pairs(said: Said, *, details: bool) -> Table:
    """Pairs by data sets; the interval for others like them with details alone."""
    head, *body = rows(said)
    width = len(head) if details else len(head) - 1
    grid = Table(box=box.SIMPLE_HEAD if details else None, padding=(0, 2, 0, 0), header_style="dim")
    for place, title in enumerate(head[:width]):
        grid.add_column(title, justify="right" if place else "left", overflow="fold")
    for row in body if details else body[:LINES]:
        grid.add_row(*map(Text, row[:width]))
    if not details and len(body) > LINES:
        grid.add_row(Text(f"… {len(body) - LINES} more with --details", style="dim"))
    return grid


def _chapters(said: Said) -> list[RenderableType]:
    return [line for heading, lines in words.chapters(said).items() for line in _chapter(heading, lines)]


def _chapter(heading: str, lines: list[str]) -> list[RenderableType]:
    return [Text(), Text(heading, style="bold"), *(Padding(Text(line), (0, 0, 0, 2), expand=False) for line in lines)]
