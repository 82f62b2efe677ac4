"""The mean final outcome at each level of two crossed factors: a cell with its number for every arm."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from normlab.analysis import Facts
from normlab.analysis.arms import ArmRow
from normlab.report.words import crossed
from normlab.report.words.headings import axis, beside, depends, level
from normlab.show import zoom
from normlab.show.figure import WIDTH, Figure, figure
from normlab.show.rows import inline
from normlab.spec import Study, known

if TYPE_CHECKING:
    import altair as alt

PAINT, FAINT, DEEP = "#0072b2", 0.06, 0.6
"""Cells are one colour, more of it for a higher mean; never so much that a number on it could not be read."""
STEP = 34
"""Pixels for each row."""


def maps(facts: Facts) -> list[Figure]:
    """A chart for each two crossed factors that something is asked about."""
    return [_figure(facts, *two, crossed.answer(facts, found)) for two, found in crossed.together(facts).items()]


def _figure(facts: Facts, factor: str, other: str, answer: str) -> Figure:
    rows = [row for row in facts.arms if row.score and row.arm.counts(factor) and row.arm.counts(other)]
    outcome = facts.outcome
    shown = zoom.window({row.name: [[row.score.mean]] for row in rows if row.score}, outcome.perfect)
    unit = " in percent" if outcome.unit == "%" else f" in {outcome.unit}" if outcome.unit else ""
    told = f"{answer} Each number is the mean final {facts.judged_on} {outcome.title} of an arm{unit}.".lstrip()
    name = f"crossed-{factor}-{other}".replace(".", "-").replace("_", "-")
    return figure(name, depends(factor, other), told, _chart(facts.study, factor, other, rows, shown))


def _chart(study: Study, factor: str, other: str, rows: Sequence[ArmRow], shown: zoom.Window) -> alt.LayerChart:
    import altair as alt

    outcome = study.verdict.primary
    cells = [_cell(study, other, row) for row in rows]
    down = list(dict.fromkeys(beside(study, row.arm, other) for row in _sorted(factor, rows)))
    across = list(dict.fromkeys(level(study, row.arm, other) for row in _sorted(other, rows)))
    ticks = alt.Axis(labelAngle=0, domain=False, ticks=False, orient="top")
    base = alt.Chart().encode(
        x=alt.X(
            "across:N", sort=across, title=axis(other), axis=ticks, scale=alt.Scale(paddingInner=0.012, paddingOuter=0)
        ),
        y=alt.Y(
            "down:N",
            sort=down,
            title=None,
            axis=alt.Axis(labelLimit=200),
            scale=alt.Scale(paddingInner=0.08, paddingOuter=0),
        ),
        tooltip=["arm:N", alt.Tooltip("mean:Q", title=outcome.unit or outcome.title, format=f".{outcome.digits + 2}f")],
    )
    strength = alt.Scale(domain=shown.domain, range=[FAINT, DEEP], clamp=True, nice=False, zero=False)
    paint = base.mark_rect(color=PAINT).encode(opacity=alt.Opacity("mean:Q", legend=None, scale=strength))
    number = base.mark_text(fontSize=12).encode(text=alt.Text("mean:Q", format=f".{outcome.digits}f"))
    chart = alt.LayerChart(data=inline(cells), layer=[paint, number])
    return chart.properties(width=WIDTH, height=STEP * len(down))


def _cell(study: Study, other: str, row: ArmRow) -> dict[str, Any]:
    return {
        "arm": row.name,
        "down": beside(study, row.arm, other),
        "across": level(study, row.arm, other),
        "mean": row.score and row.score.mean,
    }


def _sorted(factor: str, rows: Sequence[ArmRow]) -> list[ArmRow]:
    """By the level of a factor that has an order; as the study names them otherwise."""
    field = known()[factor]
    return sorted(rows, key=lambda row: field.rank(row.arm.recipe)) if field.ordered else list(rows)
