"""JSON files: an array of objects, one a run, or the results of a study of normlab's."""

from __future__ import annotations

from pathlib import Path

from normlab.errors import SpecError
from normlab.tables.parsed import parsed
from normlab.tables.sources import own_results
from normlab.tables.sources.columns import table
from normlab.tables.sources.folder import content
from normlab.tables.table import Table, from_rows, told


def read(path: Path) -> Table:
    """A row for each run; raises `SpecError` for anything else."""
    try:
        rows = parsed(content(path))
    except ValueError as error:
        raise SpecError(f"{path}: expected JSON, got {error}") from None
    if own_results.takes(rows):
        return table(own_results.read(rows, str(path)), str(path))
    if not isinstance(rows, list):
        raise SpecError(f"{path}: expected an array of objects, one for each run, got {told(rows)}")
    wrong = next((row for row in rows if not isinstance(row, dict)), None)
    if wrong is not None:
        raise SpecError(f"{path}: expected an array of objects, one for each run, got {told(wrong)} in it")
    return from_rows(str(path), rows, [f"object {place}" for place in range(len(rows))])
