"""CSV files that Weights & Biases exports: its table of runs, and the lines of a chart."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from normlab.tables import names
from normlab.tables.sources.found import Found, FoundRun, Measure, left_out, series
from normlab.tables.table import Table, blank, label, number

RUNS, CHART = "Weights & Biases' table of runs", "a chart of Weights & Biases"
OWN = {
    "Name",
    "Agent",
    "State",
    "Notes",
    "User",
    "Tags",
    "Created",
    "Runtime",
    "Sweep",
    "ID",
    "Group",
    "Job Type",
    "Hostname",
}
"""What W&B says of a run beside its configuration and summary."""
FINISHED = "finished"


def takes_runs(table: Table) -> bool:
    """Whether it is a table of runs."""
    return {"Name", "State"} <= set(table.names) and bool({"Created", "Runtime", "Sweep"} & set(table.names))


def runs(table: Table) -> Found:
    """The finished runs; what is a score by its name was measured, the rest is their configuration."""
    found, why = [], Counter[str]()
    for row in range(len(table.places)):
        state = str(table.columns["State"][row]).strip().lower()
        if state == FINISHED:
            found.append(_run(table, row))
        else:
            why[state or "no state"] += 1
    return Found(RUNS, found, notes=left_out(why))


def takes_chart(table: Table) -> bool:
    """Whether it is a chart's: a step, and for each line its least and greatest values."""
    return bool(_lines(table)) and all(f"{line}__MIN" in table.names for line in _lines(table))


def chart(table: Table) -> Found:
    """A run for each line; it is called what the line is called."""
    found: dict[str, dict[str, Measure]] = {}
    for line in _lines(table):
        run, _, score = line.rpartition(" - ")
        found.setdefault(run, {}).update(series((score, place, value) for place, value in _cells(table, line)))
    return Found(CHART, [FoundRun(run, {}, measured) for run, measured in found.items()])


def _run(table: Table, row: int) -> FoundRun:
    said = {name: label(cells[row]) for name, cells in table.columns.items() if _says(name, cells[row])}
    scores = {name: Measure(value, 1) for name, value in _scores(said).items()}
    config = {name.removeprefix("config."): cell for name, cell in said.items() if name not in scores}
    return FoundRun(str(table.columns["Name"][row]), config, scores)


def _says(name: str, cell: Any) -> bool:
    return not (not name or name in OWN or name.startswith("_") or blank(cell))


def _scores(said: Mapping[str, str]) -> dict[str, float]:
    scores = {name: number(cell) for name, cell in said.items() if names.is_score(name)}
    return {name: value for name, value in scores.items() if value is not None}


def _lines(table: Table) -> list[str]:
    return [name for name in table.names if " - " in name and not name.endswith(("__MIN", "__MAX", " - _step"))]


def _cells(table: Table, line: str) -> Iterator[tuple[int, float]]:
    for place, cell in enumerate(table.columns[line]):
        if not blank(cell) and (value := number(cell)) is not None:
            yield place, value
