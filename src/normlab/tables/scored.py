"""Runs that a tool has kept, though they have no score: they are left out, or failed, and that is said."""

from __future__ import annotations

import math
from collections.abc import Sequence

from normlab.errors import SpecError
from normlab.show.numbers import plural, span
from normlab.tables.layout import Layout
from normlab.tables.runs import Run
from normlab.tables.table import Table, number, rows_of

NAMED = 3
"""Runs that are named at most."""
FAILED = "counted as failed"


def scored(table: Table, layout: Layout) -> tuple[Table, list[str]]:
    """The rows with a score, and what is said of others; a table of one's own is left as it is.

    A score that is no finite number is that of a run that failed. Raises `SpecError` where no run has another.
    """
    if not table.origin.kind:
        return table, []
    (column,) = layout.cells  # a row is a run
    values = [number(cell) for cell in table.columns[column]]
    without = [row for row, value in enumerate(values) if value is None]
    kept = [row for row, value in enumerate(values) if value is not None]
    ended = [row for row in kept if math.isfinite(values[row] or 0.0)]
    notes = [
        *_told(table, without, f"without {column} left out"),
        *_told(table, [row for row in kept if row not in ended], f"whose {column} is no finite number {FAILED}"),
        *_last([table.origin.steps[column][row] for row in ended] if column in table.origin.steps else []),
    ]
    if not ended:
        raise SpecError(f"{table.where}: no run to judge: {'; '.join(notes)}")
    return rows_of(table, kept), notes


def failed(runs: Sequence[Run], layout: Layout) -> list[str]:
    """What is said of runs of a table of one's own that have no finite score."""
    places = [run.place.partition(", ")[2].partition(":")[0] for run in runs if run.failed]
    return _named(places, f"whose {layout.score or 'score'} is no finite number {FAILED}")


def _last(steps: Sequence[int]) -> list[str]:
    if max(steps, default=1) == 1:
        return []
    return [f"the last of {span(steps)} steps of each run counts, not its best one"]


def _told(table: Table, rows: Sequence[int], what: str) -> list[str]:
    return _named([table.places[row].removeprefix("run ") for row in rows], what)


def _named(places: Sequence[str], what: str) -> list[str]:
    if not places:
        return []
    more = f", … and {len(places) - NAMED} more" if len(places) > NAMED else ""
    return [f"{plural(len(places), 'run')} {what}: {', '.join(places[:NAMED])}{more}"]
