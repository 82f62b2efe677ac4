"""Tables that Python has already: a frame of pandas or polars, a table of pyarrow, dictionaries.

Each is known by the method that gives its columns, so that normlab needs none of these packages.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from normlab.errors import SpecError
from normlab.tables.sources import read
from normlab.tables.table import Table, from_rows

WHERE = "table"


def table(results: Any) -> Table:
    """A path, a frame, columns or rows as a `Table`; raises `SpecError` for anything else."""
    if isinstance(results, str | Path):
        return read(Path(results))
    if isinstance(results, Sequence) and all(isinstance(row, Mapping) for row in results):
        return from_rows(WHERE, results, _places(len(results)))
    columns = results if isinstance(results, Mapping) else _columns(results)
    lists = {str(name): list(cells) for name, cells in columns.items()}
    lengths = {len(cells) for cells in lists.values()}
    if len(lengths) > 1:
        raise SpecError(f"{WHERE}: expected columns of one length, got {', '.join(map(str, sorted(lengths)))}")
    return Table(WHERE, lists, _places(max(lengths, default=0)))


def _columns(frame: Any) -> Mapping[Any, Any]:
    if hasattr(frame, "to_pydict"):  # pyarrow
        return dict(frame.to_pydict())
    if hasattr(frame, "to_dicts"):  # polars
        return dict(frame.to_dict(as_series=False))
    if hasattr(frame, "reset_index"):  # pandas, whose index may be the seeds or the arms
        named = any(name is not None for name in frame.index.names)
        return dict((frame.reset_index() if named else frame).to_dict("list"))
    raise SpecError(
        "expected a file, a DataFrame of pandas or polars, a Table of pyarrow, a list of dictionaries or a dictionary "
        f"of columns, got {type(frame).__name__}"
    )


def _places(rows: int) -> list[str]:
    return [f"row {row}" for row in range(rows)]
