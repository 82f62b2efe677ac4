"""Tables from files: CSV with commas, semicolons, tabs or bars, and JSON lines with an object for each run."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from normlab.errors import SpecError
from normlab.tables.parsed import parsed
from normlab.tables.table import Table, from_rows, told

LINES = (".jsonl", ".ndjson")
SEPARATORS = ",;\t|"
POINT = re.compile(r"\s*[+-]?\d*\.\d+\s*%?\s*")
COMMA = re.compile(r"\s*[+-]?\d+,\d+\s*%?\s*")
"""A number as it is written with a decimal comma."""


def read(path: Path) -> Table:
    """The table of a file; raises `SpecError` for what cannot be read, with the line."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise SpecError(f"cannot read the table {path}: {_reason(error)}") from None
    return _objects(text, str(path)) if path.suffix.lower() in LINES else _separated(text, str(path))


def _reason(error: OSError | UnicodeDecodeError) -> str:
    if isinstance(error, OSError):
        return (error.strerror or str(error)).lower()
    byte = f"0x{error.object[error.start]:02x}"
    return f"expected text in UTF-8, got the byte {byte} at {error.start:,}; save it as CSV in UTF-8"


def _separated(text: str, where: str) -> Table:
    head = text.lstrip().partition("\n")[0]
    separator = max(SEPARATORS, key=head.count)
    rows = csv.reader(io.StringIO(text), delimiter=separator, skipinitialspace=True)
    try:
        filled = [(rows.line_num, row) for row in rows if any(cell.strip() for cell in row)]
    except csv.Error as error:
        raise SpecError(f"{where}, line {rows.line_num}: {error}") from None
    if not filled:
        raise SpecError(f"{where}: expected a table with a head and a row for each run, got an empty file")
    (_, heads), body = filled[0], filled[1:]
    names = [name.strip() for name in heads]
    _told_apart(names, where)
    for line, row in body:
        if len(row) != len(names):
            raise SpecError(f"{where}, line {line}: expected {len(names)} cells as in the head, got {len(row)}")
    columns = {name: [row[place] for _, row in body] for place, name in enumerate(names)}
    return Table(where, columns if separator == "," else _pointed(columns), [f"line {line}" for line, _ in body])


def _pointed(columns: Mapping[str, Sequence[str]]) -> Mapping[str, Sequence[str]]:
    """Decimal commas as points; where some number has a point already, a comma is none: 32,64 may be two layers."""
    if any(POINT.fullmatch(cell) for cells in columns.values() for cell in cells):
        return columns
    return {name: [_with_point(cell) for cell in cells] for name, cells in columns.items()}


def _with_point(cell: str) -> str:
    return cell.replace(",", ".") if COMMA.fullmatch(cell) else cell


def _told_apart(names: list[str], where: str) -> None:
    """Two columns of one name are a mistake; one without a name, as pandas writes its index, is not."""
    twice = next((name for name, count in Counter(names).items() if count > 1), None)
    if twice is not None:
        raise SpecError(f"{where}: two columns are called {told(twice)}; rename one of them")


def _objects(text: str, where: str) -> Table:
    rows = list(_parsed(text, where))
    if not rows:
        raise SpecError(f"{where}: expected an object for each run, got an empty file")
    return from_rows(where, [row for _, row in rows], [f"line {line}" for line, _ in rows])


def _parsed(text: str, where: str) -> Iterator[tuple[int, dict[str, Any]]]:
    for line, each in enumerate(text.split("\n"), 1):
        if not each.strip():
            continue
        try:
            row = parsed(each)
        except ValueError:
            raise SpecError(f"{where}, line {line}: expected a JSON object, got {told(each)}") from None
        if not isinstance(row, dict):
            raise SpecError(f"{where}, line {line}: expected a JSON object, got {told(row)}")
        yield line, row
