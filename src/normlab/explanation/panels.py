"""Small charts side by side, a panel for each of several things that are compared."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from normlab.show import theme
from normlab.show.rows import inline

if TYPE_CHECKING:
    import altair as alt

WIDTH, HEIGHT = 190, 140
Row = dict[str, Any]
"""A mark's values; `panel` names the panel that it is in."""


def bins(panel: str, values: NDArray[np.float64], edges: NDArray[np.float64]) -> list[Row]:
    """How many values lie between two edges each, for `bars`."""
    counts, _ = np.histogram(values, edges)
    return [
        {"panel": panel, "low": float(low), "high": float(high), "count": int(count)}
        for low, high, count in zip(edges[:-1], edges[1:], counts, strict=True)
        if count
    ]


def bars(unit: str) -> alt.Chart:
    """A histogram of `bins`; counts of `unit` are on a square root scale, so that rare ones are seen too."""
    import altair as alt

    chart: alt.Chart = alt.Chart().mark_bar(binSpacing=0)
    encoded: alt.Chart = chart.encode(
        x=value(),
        x2="high:Q",
        y=alt.Y("count:Q", title=unit, scale=alt.Scale(type="sqrt"), axis=alt.Axis(tickCount=4)),
        y2=alt.Y2Datum(0),
        tooltip=["panel:N", alt.Tooltip("low:Q", format=".2f"), alt.Tooltip("high:Q", format=".2f"), "count:Q"],
    )
    return encoded


def value() -> alt.X:
    """The axis of values."""
    import altair as alt

    return alt.X("low:Q", title="value", scale=alt.Scale(zero=False), axis=alt.Axis(tickCount=5))


def coloured(chart: alt.Chart, panels: Sequence[str]) -> alt.Chart:
    """Each panel in a colour of its own."""
    import altair as alt

    encoded: alt.Chart = chart.encode(color=alt.Color("panel:N", legend=None, scale=theme.many(panels)))
    return encoded


def side_by_side(
    chart: alt.Chart | alt.LayerChart, rows: list[Row], panels: Sequence[str], *, columns: int = 4, height: int = HEIGHT
) -> alt.FacetChart:
    """The chart once for each panel, in their order."""
    import altair as alt

    return alt.FacetChart(
        data=inline(rows),
        spec=chart.properties(width=WIDTH, height=height),
        facet=alt.Facet("panel:N", sort=list(panels), title=None),
        columns=min(columns, len(panels)),
    )
