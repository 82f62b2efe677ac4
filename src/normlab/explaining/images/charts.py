"""Histograms and cumulative curves of what a network sees, a panel for each preprocessing."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from normlab.explaining.images.explained import ImageExplanation, Treated
from normlab.report.charts import theme
from normlab.report.charts.figure import Figure, figure

if TYPE_CHECKING:
    import altair as alt

BINS, WIDTH, HEIGHT = 32, 190, 130
Row = dict[str, Any]


def histograms(found: ImageExplanation) -> Figure:
    """How often each value is."""
    sentence = (
        f"How many pixels have each value that a network sees, in {BINS} bins, counts on a square root scale. Mean and"
        " std, and stretching, keep the shape; equalizing spreads crowded levels and presses the others together."
    )
    return figure("histograms", "Histograms", sentence, _panels(found, _bars(), _bins))


def cumulative(found: ImageExplanation) -> Figure:
    """The share of pixels up to each value."""
    sentence = (
        "The share of pixels that have at most a value. Equalizing sends every level to this share, less that of the"
        " darkest, so its own curve is the straightest that the image's levels allow."
    )
    return figure("cumulative", "Cumulative curves", sentence, _panels(found, _line(), _shares))


def _bars() -> alt.Chart:
    import altair as alt

    bars: alt.Chart = alt.Chart().mark_bar(binSpacing=0)
    encoded: alt.Chart = bars.encode(
        x=_value(),
        x2="high:Q",
        y=alt.Y("count:Q", title="pixels", scale=alt.Scale(type="sqrt"), axis=alt.Axis(tickCount=4)),
        y2=alt.Y2Datum(0),
        tooltip=["kind:N", alt.Tooltip("low:Q", format=".2f"), alt.Tooltip("high:Q", format=".2f"), "count:Q"],
    )
    return encoded


def _line() -> alt.Chart:
    import altair as alt

    percent = alt.Axis(format="%", tickCount=4)
    line: alt.Chart = alt.Chart().mark_line(interpolate="step-after")
    encoded: alt.Chart = line.encode(
        x=_value(),
        y=alt.Y("share:Q", title="share of pixels", scale=alt.Scale(domain=[0, 1]), axis=percent),
        tooltip=["kind:N", alt.Tooltip("low:Q", title="value", format=".2f"), alt.Tooltip("share:Q", format=".1%")],
    )
    return encoded


def _value() -> alt.X:
    import altair as alt

    return alt.X("low:Q", title="value", scale=alt.Scale(zero=False), axis=alt.Axis(tickCount=5))


def _panels(found: ImageExplanation, chart: alt.Chart, rows: Callable[[Treated], list[Row]]) -> alt.FacetChart:
    import altair as alt

    kinds = [treated.kind for treated in found.treated]
    coloured = chart.encode(color=alt.Color("kind:N", legend=None, scale=theme.many(kinds)))
    faceted = alt.FacetChart(
        data=alt.InlineData(values=[row for treated in found.treated for row in rows(treated)]),
        spec=coloured.properties(width=WIDTH, height=HEIGHT),
        facet=alt.Facet("kind:N", sort=kinds, title=None),
        columns=min(3, len(kinds)),
    )
    result: alt.FacetChart = faceted.resolve_scale(x="independent")
    return result


def _ends(treated: Treated) -> tuple[float, float]:
    """From where to where values are drawn."""
    return min(0.0, float(treated.seen.min())), max(1.0, float(treated.seen.max()))


def _bins(treated: Treated) -> list[Row]:
    counts, edges = np.histogram(treated.seen, BINS, _ends(treated))
    return [
        {"kind": treated.kind, "low": float(low), "high": float(high), "count": int(count)}
        for low, high, count in zip(edges[:-1], edges[1:], counts, strict=True)
    ]


def _shares(treated: Treated) -> list[Row]:
    """A step at each value that there is, from nothing at the left end to all at the right."""
    values, counts = np.unique(treated.seen, return_counts=True)
    shares = counts.cumsum() / treated.seen.size
    low, high = _ends(treated)
    steps = [(low, 0.0), *zip(values.tolist(), shares.tolist(), strict=True), (high, 1.0)]
    return [{"kind": treated.kind, "low": value, "share": share} for value, share in steps]
