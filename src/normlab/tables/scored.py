"""Runs that a tool has kept, though they have no score: they are left out, and that is said."""

from __future__ import annotations

import math
from collections.abc import Sequence

from normlab.errors import SpecError
from normlab.show.numbers import plural, span
from normlab.tables.layout import Layout
from normlab.tables.table import Table, number, rows_of

NAMED = 3
"""Runs that are named at most."""


def scored(table: Table, layout: Layout) -> tuple[Table, list[str]]:
    """The rows with a finite score, and what is said of the others; a table of one's own is left as it is.

    Raises `SpecError` where no run has one.
    """
    if not table.origin.kind:
        return table, []
    (column,) = layout.cells  # a row is a run
    values = [number(cell) for cell in table.columns[column]]
    without = [row for row, value in enumerate(values) if value is None]
    diverged = [row for row, value in enumerate(values) if value is not None and not math.isfinite(value)]
    kept = [row for row, value in enumerate(values) if value is not None and math.isfinite(value)]
    notes = [
        *_told(table, without, f"without {column}"),
        *_told(table, diverged, f"whose {column} is no finite number"),
        *_last([table.origin.steps[column][row] for row in kept] if column in table.origin.steps else []),
    ]
    if not kept:
        raise SpecError(f"{table.where}: no run to judge: {'; '.join(notes)}")
    return rows_of(table, kept), notes


def _last(steps: Sequence[int]) -> list[str]:
    if max(steps, default=1) == 1:
        return []
    return [f"the last of {span(steps)} steps of each run counts, not its best one"]


def _told(table: Table, rows: Sequence[int], what: str) -> list[str]:
    if not rows:
        return []
    more = f", … and {len(rows) - NAMED} more" if len(rows) > NAMED else ""
    named = ", ".join(table.places[row].removeprefix("run ") for row in rows[:NAMED])
    return [f"{plural(len(rows), 'run')} {what} left out: {named}{more}"]
