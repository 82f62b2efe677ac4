"""Two tidy tables, `runs` with a row for each run and `epochs` with a row for each epoch of it: CSV or Parquet."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from normlab.records import Comparison
from normlab.report.exports.package import package
from normlab.report.frames import columns

TABLES = ("runs", "epochs")


def write_csv(comparison: Comparison, folder: Path) -> None:
    """`runs.csv` and `epochs.csv`; what a row does not say is empty."""
    for table in TABLES:
        (folder / f"{table}.csv").write_text(csv_text(comparison, table), encoding="utf-8")


def csv_text(comparison: Comparison, table: str = "runs") -> str:
    """One of the tables as CSV."""
    found = columns(comparison, table)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(found)
    writer.writerows(zip(*found.values(), strict=True))
    return text.getvalue()


def write_parquet(comparison: Comparison, folder: Path) -> None:
    """`runs.parquet` and `epochs.parquet`; raises `MissingPackage` without pyarrow."""
    arrow = package("pyarrow", "Parquet is written by pyarrow", "parquet")
    parquet = package("pyarrow.parquet", "Parquet is written by pyarrow", "parquet")
    for table in TABLES:
        found = {name: _one_kind(cells) for name, cells in columns(comparison, table).items()}
        parquet.write_table(arrow.table(found), folder / f"{table}.parquet")


def _one_kind(cells: Sequence[Any]) -> list[Any]:
    """Numbers, or words, or truths: levels of a factor may be of several kinds, and a column is of one."""
    kinds = {float if type(cell) is int else type(cell) for cell in cells if cell is not None}
    return [*cells] if len(kinds) < 2 else [None if cell is None else str(cell) for cell in cells]
