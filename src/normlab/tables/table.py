"""A table from outside as columns of cells, each row with the place that an error names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from normlab.errors import SpecError, UnknownName
from normlab.spec.problems import short


@dataclass(frozen=True)
class Origin:
    """What is known of a table by the tool that left it, a row a run, so that names need not say it.

    `kind` is what it was taken for; `measured` are the columns that were measured, `idle` those that tell no arms
    apart, as dates do; `lower` says of some scores whether lower is better; `steps` of each measure how often each run
    has it, by the rows; `notes` are what a reader has to know.
    """

    kind: str = ""
    measured: frozenset[str] = frozenset()
    idle: frozenset[str] = frozenset()
    lower: Mapping[str, bool] = field(default_factory=dict)
    steps: Mapping[str, Sequence[int]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Table:
    """Columns of one length. `where` names the table in errors, `places` its rows: line 2, row 0."""

    where: str
    columns: Mapping[str, Sequence[Any]]
    places: Sequence[str]
    origin: Origin = Origin()

    def __post_init__(self) -> None:
        if not self.columns or not self.places:
            raise SpecError(
                f"{self.where}: expected a row for each run, got {'a head alone' if self.columns else 'nothing'}"
            )

    @property
    def names(self) -> tuple[str, ...]:
        """Of the columns, in their order."""
        return tuple(self.columns)

    @property
    def telling(self) -> tuple[str, ...]:
        """The names of those columns that may be arm, seed or score."""
        return tuple(name for name in self.columns if name not in self.origin.idle)

    def needs(self, names: Iterable[str]) -> None:
        """Raise `UnknownName` for the first that no column has."""
        for name in names:
            if name not in self.columns:
                raise UnknownName("column", name, self.columns)

    def at(self, row: int, column: str) -> str:
        """Where a cell is, for an error."""
        return f"{self.where}, {self.places[row]}: {column}"


def from_rows(where: str, rows: Sequence[Mapping[str, Any]], places: Sequence[str]) -> Table:
    """A table of rows, each a mapping; what a row leaves out is None."""
    names = dict.fromkeys(str(name) for row in rows for name in row)
    said = [{str(name): cell for name, cell in row.items()} for row in rows]
    return Table(where, {name: [row.get(name) for row in said] for name in names}, places)


def rows_of(table: Table, rows: Sequence[int]) -> Table:
    """Some rows of a table."""
    columns = {name: [cells[row] for row in rows] for name, cells in table.columns.items()}
    return replace(table, columns=columns, places=[table.places[row] for row in rows])


def blank(cell: Any) -> bool:
    """Whether nothing is said."""
    return cell is None or (isinstance(cell, str) and not cell.strip())


def number(cell: Any) -> float | None:
    """A cell as a number, a percent sign left off; NaN and infinity too. None for what is none."""
    if isinstance(cell, bool):
        return None
    try:
        return float(cell.strip().removesuffix("%") if isinstance(cell, str) else cell)
    except (TypeError, ValueError, OverflowError):  # the last for whole numbers beyond all floats
        return None


def label(cell: Any) -> str:
    """A cell as the name of an arm or of a level: 3.0, as frames have whole numbers beside gaps, is 3."""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).strip()


def told(cell: Any) -> str:
    """A cell in an error."""
    return "nothing" if blank(cell) else short(cell)
