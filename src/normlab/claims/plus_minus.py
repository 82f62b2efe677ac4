"""What stands after ± in a row, as a standard deviation over seeds.

An sd says how runs scatter, an se how their mean does: sd = se · √seeds. Ten seeds make a threefold difference, and a
bare ± may be either, so that it is told or refused.
"""

from __future__ import annotations

import math
import re

from normlab.claims import cells
from normlab.errors import SpecError

MEANINGS = ("sd", "se")
SIGN = re.compile(r"±|\+/?[-−]")


def apart(row: cells.Row) -> cells.Row:
    """A row in which what "99.2 ± 0.1" says in one cell stands in two."""
    mean, *rest = SIGN.split(cells.text(row, "accuracy"), maxsplit=1)
    return {**row, "accuracy": mean, "±": rest[0]} if rest else row


def sd(row: cells.Row, where: str, meaning: str | None) -> float | None:
    """The sd over seeds in the unit of the accuracy, None where none is told.

    Args:
        row: as `apart` gives it; a column that is called sd or se counts before one that is called ±.
        where: the line, for the `SpecError` that is raised where nobody says what ± is, or what seeds an se is of.
        meaning: of a bare ±, one of `MEANINGS`.
    """
    column = _column(row)
    if column is None:
        return None
    told = called(row, meaning)
    if told is None:
        way = "call its column sd or se, or give `normlab claims` --plus-minus sd or se"
        raise SpecError(f"{where}: cannot tell whether ± is sd or se; {way}")
    value = cells.number(row, column, where, 0, 100)
    return value * _root(row, where) if told == "se" else value


def called(row: cells.Row, meaning: str | None) -> str | None:
    """What the spread of a row is, one of `MEANINGS`; None where there is none, or where nobody says which."""
    column = _column(row)
    return meaning if column == "±" else column


def _column(row: cells.Row) -> str | None:
    return next((column for column in (*MEANINGS, "±") if cells.text(row, column)), None)


def _root(row: cells.Row, where: str) -> float:
    seeds = cells.whole(row, "seeds", where) if cells.text(row, "seeds") else 1
    if seeds == 1:
        raise SpecError(f"{where}: expected 2 seeds or more beside an se, got {cells.text(row, 'seeds') or 'nothing'}")
    return math.sqrt(seeds)
