"""What stands in a row of a table: numbers as people write them."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping

from normlab.errors import SpecError

WHOLE = re.compile(r"0*[1-9][0-9]{0,11}")
Row = Mapping[str, str | None]


def text(row: Row, column: str) -> str:
    """A cell without the blanks around it; empty where there is none."""
    return (row.get(column) or "").strip()


def number(row: Row, column: str, where: str, low: float, high: float) -> float:
    """A number from `low` to `high`, with a decimal point or comma and perhaps %; raises `SpecError` naming `where`."""
    got = text(row, column)
    try:
        value = float(got.removesuffix("%").replace(",", "."))
    except ValueError:
        value = math.nan
    if not low <= value <= high:
        raise SpecError(f"{where}: {column}: expected a number from {low:g} to {high:g}, got {got[:40] or 'nothing'}")
    return value


def whole(row: Row, column: str, where: str) -> int:
    """A whole number from 1 on, thousands set apart or not; raises `SpecError` naming `where`."""
    got = text(row, column).replace(",", "").replace("_", "")
    if not WHOLE.fullmatch(got):
        raise SpecError(f"{where}: {column}: expected a whole number from 1 on, got {got[:40] or 'nothing'}")
    return int(got)
