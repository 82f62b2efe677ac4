"""What the columns beside arm, seed and score say of how the runs of a table were made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from normlab import stated
from normlab.tables import names
from normlab.tables.arms import TableArm
from normlab.tables.layout import Form, Layout
from normlab.tables.table import Table, blank, label

CHOSEN = {"best", "highest", "max", "maximum", "peak", "min", "minimum", "lowest"}
"""Words of a score that was chosen among a run's epochs."""


def notes(table: Table, layout: Layout, arms: Sequence[TableArm]) -> list[str]:
    """What a reader has to know of it; see `normlab.stated`."""
    made = _made(table, layout, arms) if layout.form is Form.long else {arm.name: {} for arm in arms}
    seeds = {seed for arm in arms for seed in arm.ran}
    return [*_best(layout), *stated.unequal(made), *stated.admitted(made), *stated.apart(seeds)]


def _made(table: Table, layout: Layout, arms: Sequence[TableArm]) -> stated.Made:
    """Of each arm, what the other columns have in its rows."""
    known = {*layout.arm, *layout.cells, layout.seed, layout.epoch, *table.origin.measured, *table.origin.idle}
    rest = [name for name in table.names if name and name not in known and not names.is_score(name)]
    called = {arm.levels: arm.name for arm in arms}
    found: dict[str, dict[str, dict[str, None]]] = {arm.name: {name: {} for name in rest} for arm in arms}
    for row in range(len(table.places)):
        arm = called.get(tuple(label(table.columns[name][row]) for name in layout.arm))
        for name in rest if arm else ():
            cell = table.columns[name][row]
            if not blank(cell):
                found[arm or ""][name][label(cell)] = None
    return {arm: _listed(cells) for arm, cells in found.items()}


def _listed(cells: Mapping[str, Mapping[str, None]]) -> Mapping[str, Sequence[str]]:
    return {name: [*levels] for name, levels in cells.items()}


def _best(layout: Layout) -> list[str]:
    """Of a score that says that it was chosen."""
    chosen = names.words(layout.score or "") & CHOSEN
    if not chosen:
        return []
    return [
        f"{layout.score} is by its name each run's {min(chosen)} and not its last: chosen on the images that it was "
        "measured on, it is too high, and higher for an arm that swings more"
    ]
