"""What networks make of worse images, on a terminal: the arms with a column a kind, and what stands of their pairs."""

from __future__ import annotations

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from normlab.analysis import Facts
from normlab.analysis.arms import ArmRow
from normlab.analysis.others import Others
from normlab.report.details import final, in_pairs
from normlab.report.words.others import cell, standing
from normlab.show.numbers import plural


def shown(facts: Facts, found: Others) -> RenderableType:
    """A line on what this is, a row an arm, the differences that stand, and every pair."""
    images = plural(facts.images, f"{facts.judged_on} image")
    lead = f"{facts.study.name}: percent right of the same {images}, as they are and made worse; mean ± sd over seeds, "
    lead += f"{found.outcomes[-1].name} the mean of the kinds before it."
    return Group(Text(lead, style="bold"), _arms(facts, found), *map(Text, standing(found)), in_pairs(found))


def _arms(facts: Facts, found: Others) -> Table:
    grid = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0))
    for head in ("arm", "as they are", *(outcome.name for outcome in found.outcomes)):
        grid.add_column(head, justify="left" if head == "arm" else "right", overflow="fold")
    for row in facts.arms:
        grid.add_row(*map(Text, _cells(row, found)))
    return grid


def _cells(row: ArmRow, found: Others) -> tuple[str, ...]:
    return row.name, final(row), *(cell(found.of(row.name, outcome)) for outcome in found.outcomes)
