"""How a table is laid out: which columns are arm, seed, score and epoch, by what the user says and else by their names.

Long: a row a run. Wide: a row a seed and a column an arm, or a row an arm and a column a seed. What names leave open is
asked for, never guessed: the wrong score, read well, is worse than a question.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from normlab.errors import SpecError, UnknownName
from normlab.show.numbers import listing, plural
from normlab.tables import names
from normlab.tables.table import Table, blank, number, told

SEEDS = re.compile(r"(?P<prefix>[^\d]*)(?P<seed>\d+)")
"""Columns that are seeds: 0, seed 1, run_2."""


class Form(StrEnum):
    """What a row is."""

    long = "a row a run"
    columns = "a column an arm"
    rows = "a row an arm"


@dataclass(frozen=True)
class Layout:
    """Which columns say what.

    `arm` are the columns whose levels make an arm; `cells` those with scores: one in the long form, the arms' or the
    seeds' in a wide one. `score` is what the score is called; None where nobody says.
    """

    form: Form
    arm: tuple[str, ...]
    cells: tuple[str, ...]
    seed: str | None = None
    score: str | None = None
    epoch: str | None = None


def layout(table: Table, arm: Sequence[str] = (), seed: str | None = None, score: str | None = None) -> Layout:
    """The table's layout; raises `UnknownName` for columns that are not there, `SpecError` for what has to be said."""
    table.needs([*arm, *([] if seed is None else [seed])])
    known = seed or names.known_as([name for name in table.telling if name not in arm], names.SEED)
    column = _score(table, score, {*arm, known})
    if column is not None:
        return _long(table, tuple(arm), known, column)
    found = _wide(table, tuple(arm), known)
    if found is None:
        raise SpecError(_no_score(table, [*arm, *([known] if known else [])]))
    return replace(found, score=score)


def _score(table: Table, given: str | None, taken: set[str | None]) -> str | None:
    """The column with the scores; None where the table has none, so that it may be a wide one."""
    if given in table.columns:
        return given
    fitting = [name for name in _measured(table) if name not in taken and _some(table, name)]
    if given is not None and (fitting or not names.is_score(given)):
        raise UnknownName("column", given, table.columns)
    if len(fitting) > 1:
        raise SpecError(
            f"{table.where}: {listing(fitting)} could all be the score: say which with --score, for instance "
            f"--score {fitting[0]}"
        )
    return fitting[0] if fitting else None


def _measured(table: Table) -> list[str]:
    """The columns that may be the score by their names, else by the tool; those first of images held out."""
    known = [name for name in table.telling if names.is_score(name)]
    return sorted(known or table.origin.measured, key=lambda name: not names.is_held_out(name))


def _long(table: Table, arm: tuple[str, ...], seed: str | None, score: str) -> Layout:
    taken = {*arm, seed, score, *table.origin.measured}
    rest = [name for name in table.telling if name and name not in taken]
    epoch = names.known_as(rest, names.EPOCH)
    arm = arm or (_arm(table, [name for name in rest if name != epoch and not names.is_score(name)]),)
    return Layout(Form.long, arm, (score,), seed, score, epoch)


def _arm(table: Table, rest: Sequence[str]) -> str:
    """The column that tells the arms apart."""
    called = [name for usual in names.ARM if (name := names.known_as(rest, [usual])) is not None]
    varied = [name for name in called if len({str(cell) for cell in table.columns[name]}) > 1]
    fitting = varied or called or rest
    if not fitting and table.origin.kind:
        raise SpecError(
            f"{table.where}: {table.origin.kind}, {plural(len(table.places), 'run')}: expected arms to compare, got "
            "nothing that runs were made with that differs; call runs after it, for instance bn_seed0"
        )
    if len(fitting) != 1:
        crossed = f"; several are crossed: --arm {','.join(fitting[:2])}" if len(fitting) > 1 else ""
        raise SpecError(f"{table.where}: say which column has the arms: --arm COLUMN{crossed}; {_columns(table)}")
    return fitting[0]


def _wide(table: Table, arm: tuple[str, ...], seed: str | None) -> Layout | None:
    """A table without a column that is known as a score: arms by seeds, or None."""
    if arm:
        return None if seed else _by_rows(table, arm)
    rest = [name for name in table.names if name and name != seed]
    wordy = tuple(name for name in rest if not _all(table, name))
    if wordy:
        return None if seed or len(wordy) > 1 else _by_rows(table, wordy)
    epoch = names.known_as(rest, names.EPOCH)
    cells = tuple(name for name in rest if name != epoch)
    return Layout(Form.columns, (), cells, seed, epoch=epoch) if len(cells) > 1 else None


def _by_rows(table: Table, arm: Sequence[str]) -> Layout | None:
    rest = [name for name in table.names if name and name not in arm and name.strip().lower() not in names.SUMMARY]
    found = [SEEDS.fullmatch(name) for name in rest]
    alike = {match["prefix"] for match in found if match}
    if not rest or None in found or len(alike) > 1 or not all(_all(table, name) for name in rest):
        return None
    return Layout(Form.rows, tuple(arm), tuple(rest))


def _no_score(table: Table, taken: Sequence[str]) -> str:
    text = next(_texts(table, [name for name in table.names if name not in taken]), "")
    also = f"; nor is it a table of arms by seeds: {text}" if text else ""
    return f"{table.where}: no column is known as a score: say which it is with --score COLUMN; {_columns(table)}{also}"


def _texts(table: Table, columns: Sequence[str]) -> Iterator[str]:
    for name in columns:
        for row, cell in enumerate(table.columns[name]):
            if not blank(cell) and number(cell) is None:
                yield f"{table.places[row]}, {name}: {told(cell)} is no number"


def _columns(table: Table) -> str:
    return f"the columns are {', '.join(table.telling)}"


def _some(table: Table, name: str) -> bool:
    return any(number(cell) is not None for cell in table.columns[name])


def _all(table: Table, name: str) -> bool:
    return all(blank(cell) or number(cell) is not None for cell in table.columns[name])
