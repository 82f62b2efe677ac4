"""The runs of a table: one score for each arm and seed, the last epoch where several are there."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from normlab.errors import SpecError
from normlab.tables.layout import SEEDS, Form, Layout
from normlab.tables.table import Table, blank, label, number, told

Levels = tuple[str, ...]
DIVERGED = "diverged_at"
"""The column that says of a run without a score in which epoch it diverged, as normlab's own tables have it."""


@dataclass(frozen=True)
class Run:
    """One score of an arm's `levels`, one for each column of the layout's `arm`; `place` is for errors.

    `seed` is None where the table has none. The score of a run that failed is no finite number.
    """

    levels: Levels
    seed: str | None
    score: float
    place: str
    epoch: float = 0.0

    @property
    def failed(self) -> bool:
        """Whether it came to no score."""
        return not math.isfinite(self.score)


def runs(table: Table, layout: Layout) -> tuple[list[Run], tuple[float, ...]]:
    """The runs, and the epochs at which they end where a table has more epochs of some run, else none.

    Raises:
        SpecError: a score that is no number, none that is finite, an arm or seed that is not said, two scores of one
            arm and seed.
    """
    rows = list(_ROWS[layout.form](table, layout))
    if rows and all(run.failed for run in rows):
        raise SpecError(f"{table.where}: no run to judge: no {layout.score or 'score'} is a finite number")
    if not (layout.seed or layout.epoch or layout.form is Form.rows):
        return rows, ()  # nothing tells two runs of an arm apart, but that they are two rows
    found: dict[tuple[Levels, str | None], list[Run]] = defaultdict(list)
    for run in rows:
        found[run.levels, run.seed].append(run)
    last = [_last(several, layout) for several in found.values()]
    return last, tuple(sorted({run.epoch for run in last})) if len(last) < len(rows) else ()


def _last(several: Sequence[Run], layout: Layout) -> Run:
    end = max(run.epoch for run in several)
    at_end = [run for run in several if run.epoch == end]
    if len(at_end) > 1:
        first, second = at_end[:2]
        whose = ", ".join(first.levels) + (f", seed {first.seed}" if first.seed is not None else "")
        epoch = f" at {layout.epoch} {end:g}" if layout.epoch else ""
        out = "if another column tells them apart, name it too" if layout.seed else "name the seeds' column: --seed"
        also = f": --arm {','.join([*layout.arm, 'COLUMN'])}" if layout.seed and layout.form is Form.long else ""
        raise SpecError(f"{second.place}: a second score of {whose}{epoch}, after {_line(first)}; {out}{also}")
    return at_end[0]


def _line(run: Run) -> str:
    return run.place.partition(": ")[0].rpartition(", ")[2]


def _long(table: Table, layout: Layout) -> Iterator[Run]:
    (column,) = layout.cells
    for row, cell in enumerate(table.columns[column]):
        if layout.epoch and blank(cell):
            continue  # logs have rows of training between those of testing
        yield Run(
            tuple(_said(table, row, name) for name in layout.arm),
            _said(table, row, layout.seed) if layout.seed else None,
            _score(table, row, column),
            table.at(row, column),
            _epoch(table, row, layout.epoch) if layout.epoch else 0.0,
        )


def _columns(table: Table, layout: Layout) -> Iterator[Run]:
    for row in range(len(table.places)):
        seed = _said(table, row, layout.seed) if layout.seed else None
        epoch = _epoch(table, row, layout.epoch) if layout.epoch else 0.0
        for name in layout.cells:
            if not blank(table.columns[name][row]):
                yield Run((name,), seed, _score(table, row, name), table.at(row, name), epoch)


def _by_rows(table: Table, layout: Layout) -> Iterator[Run]:
    for row in range(len(table.places)):
        levels = tuple(_said(table, row, name) for name in layout.arm)
        for name in layout.cells:
            match = SEEDS.fullmatch(name)
            if match and not blank(table.columns[name][row]):
                yield Run(levels, match["seed"], _score(table, row, name), table.at(row, name))


_ROWS = {Form.long: _long, Form.columns: _columns, Form.rows: _by_rows}


def _said(table: Table, row: int, column: str) -> str:
    cell = table.columns[column][row]
    if blank(cell) or (isinstance(cell, float) and math.isnan(cell)):  # as frames have what is missing
        raise SpecError(f"{table.at(row, column)}: expected what the run had, got nothing")
    return label(cell)


def _score(table: Table, row: int, column: str) -> float:
    cell = table.columns[column][row]
    if blank(cell) and DIVERGED in table.columns and not blank(table.columns[DIVERGED][row]):
        return math.nan
    value = number(cell)
    if value is None:
        raise SpecError(f"{table.at(row, column)}: expected a number, got {told(cell)}")
    return value


def _epoch(table: Table, row: int, column: str) -> float:
    value = number(table.columns[column][row])
    if value is None or not math.isfinite(value):
        raise SpecError(f"{table.at(row, column)}: expected a number, got {told(table.columns[column][row])}")
    return value
