"""Where the variance between seeds comes from, on a terminal: an answer for each arm, and two tables."""

from __future__ import annotations

from collections.abc import Iterable

from rich import box
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from normlab.analysis import Facts
from normlab.report.words import sources

TOLD = 3
"""Arms whose answer is shown at a glance."""
TO_THE_LEFT = 2
"""Columns that are words."""


def answered(facts: Facts) -> list[Text]:
    """At a glance: an answer for the first arms; nothing of a study that does not ask."""
    if facts.sources is None:
        return []
    said = [*sources.answers(facts.sources)]
    more = [Text(f"… {len(said) - TOLD} more with --details", style="dim")] if len(said) > TOLD else []
    told = [
        Text.assemble((f"{sources.HEADING}: " if number == 0 else "", "bold"), line)
        for number, line in enumerate(said[:TOLD])
    ]
    return [*told, *more]


def tables(facts: Facts) -> list[RenderableType]:
    """The components of each arm, and what pairing removes."""
    if facts.sources is None:
        return []
    of_arms, of_pairs = sources.heads(facts)
    pairs = [*sources.in_pairs(facts.sources)]
    return [_grid(of_arms, sources.components(facts, facts.sources)), *([_grid(of_pairs, pairs)] if pairs else [])]


def _grid(heads: sources.Row, rows: Iterable[sources.Row]) -> Table:
    grid = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0))
    for number, head in enumerate(heads):
        grid.add_column(head, justify="left" if number < TO_THE_LEFT else "right", overflow="fold")
    for row in rows:
        grid.add_row(*map(Text, row))
    return grid
