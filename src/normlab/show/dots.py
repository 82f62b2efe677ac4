"""Scores, a line for each arm: every seed a mark, their mean a bar and a number."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from normlab.show import theme
from normlab.show.figure import WIDTH
from normlab.show.rows import inline

if TYPE_CHECKING:
    import altair as alt

STEP = 34
"""Pixels for each arm."""


def dots(
    rows: Sequence[Mapping[str, Any]],
    x: alt.X,
    colour: alt.Color,
    shape: alt.Shape,
    *,
    digits: int = 2,
    unit: str = "%",
) -> alt.LayerChart:
    """Marks of rows with `arm`, `seed` and `value`, and with what the channels read; arms in the order of the rows."""
    import altair as alt

    arms = list(dict.fromkeys(row["arm"] for row in rows))
    y = alt.Y("arm:N", sort=arms, title=None, axis=alt.Axis(labelLimit=220))
    base = alt.Chart().encode(x=x, y=y, color=colour)
    # Each seed keeps its place within an arm's line, so equal scores stay apart and pairs can be followed by eye.
    seeds = base.mark_point(filled=True, size=48, opacity=0.8, clip=True).encode(
        shape=shape,
        yOffset="seed:O",
        tooltip=["arm:N", "seed:O", alt.Tooltip("value:Q", title=unit, format=f".{digits + 2}f")],
    )
    means = base.mark_tick(thickness=2.5, size=STEP - 8, clip=True).encode(x="mean(value):Q")
    number = alt.Text("mean(value):Q", format=f".{digits}f")
    numbers = base.mark_text(align="left", dx=8).encode(x=alt.value("width"), text=number, color=alt.value(theme.INK))
    chart = alt.LayerChart(data=inline(rows), layer=[seeds, means, numbers])
    return chart.properties(width=WIDTH, height=STEP * len(arms))
