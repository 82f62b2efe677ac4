"""Numbers that a run's own files have by epoch: CSV, JSON lines, or JSON. The last row that has one counts."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from io import StringIO
from pathlib import Path
from typing import Any

from normlab.errors import SpecError
from normlab.tables.parsed import parsed
from normlab.tables.sources.folder import content
from normlab.tables.sources.found import Measure, flat, series
from normlab.tables.table import number


def from_csv(path: Path) -> dict[str, Measure]:
    """The last number of each column; raises `SpecError` for what is no CSV."""
    try:
        return _last(csv.DictReader(StringIO(content(path))))
    except csv.Error as error:
        raise SpecError(f"{path}: expected CSV, got {error}") from None


def from_lines(path: Path) -> dict[str, Measure]:
    """The last number of each name in JSON objects, one a line; raises `SpecError` for a line that is no JSON."""
    return _last(_values(path))


def from_json(path: Path) -> dict[str, Measure]:
    """The numbers of an object, or the last ones of an array of objects; raises `SpecError` for what is no JSON."""
    try:
        told = parsed(content(path))
    except ValueError as error:
        raise SpecError(f"{path}: expected JSON, got {error}") from None
    return _last(told if isinstance(told, list) else [told])


def _last(rows: Iterable[Any]) -> dict[str, Measure]:
    """By the order in which they were written: a run that was taken up again may count its steps anew."""
    return series((name, place, value) for place, row in enumerate(rows) for name, value in _measured(row))


def _measured(row: Any) -> Iterator[tuple[str, float]]:
    """What is a number; a cell that is empty was not measured then."""
    for name, cell in flat(row).items():
        value = number(cell)
        if value is not None:
            yield name, value


def _values(path: Path) -> Iterator[Any]:
    """The last line may be half written while a run goes on."""
    lines = content(path).split("\n")
    for place, line in enumerate(lines, 1):
        if line.strip():
            try:
                yield parsed(line)
            except ValueError:
                if place < len(lines):
                    raise SpecError(f"{path}, line {place}: expected JSON, got {line[:60]!r}") from None
