"""Histograms and cumulative curves of what a network sees, a panel for each preprocessing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from normlab.explaining.images.explained import ImageExplanation, Treated
from normlab.report.charts import theme
from normlab.report.charts.figure import Figure, figure

if TYPE_CHECKING:
    import altair as alt

BINS, WIDTH, HEIGHT = 32, 190, 130


def histograms(found: ImageExplanation) -> Figure:
    """How often each value is."""
    sentence = (
        f"How many pixels have each value that a network sees, in {BINS} bins, counts on a square root scale. Mean and"
        " std, and stretching, keep the shape; equalizing spreads crowded levels and presses the others together."
    )
    return figure("histograms", "Histograms", sentence, _panels(found, _bars()))


def cumulative(found: ImageExplanation) -> Figure:
    """The share of pixels up to each value."""
    sentence = (
        "The share of pixels that have at most a value. Equalizing sends every level to this share, less that of the"
        " darkest, so its own curve is the straightest that the image's levels allow."
    )
    return figure("cumulative", "Cumulative curves", sentence, _panels(found, _line()))


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
        tooltip=["kind:N", alt.Tooltip("low:Q", format=".2f"), alt.Tooltip("share:Q", format=".1%")],
    )
    return encoded


def _value() -> alt.X:
    import altair as alt

    return alt.X("low:Q", title="value", scale=alt.Scale(zero=False), axis=alt.Axis(tickCount=5))


def _panels(found: ImageExplanation, chart: alt.Chart) -> alt.FacetChart:
    import altair as alt

    kinds = [treated.kind for treated in found.treated]
    coloured = chart.encode(color=alt.Color("kind:N", legend=None, scale=theme.many(kinds)))
    faceted = alt.FacetChart(
        data=alt.InlineData(values=[row for treated in found.treated for row in _rows(treated)]),
        spec=coloured.properties(width=WIDTH, height=HEIGHT),
        facet=alt.Facet("kind:N", sort=kinds, title=None),
        columns=min(3, len(kinds)),
    )
    result: alt.FacetChart = faceted.resolve_scale(x="independent")
    return result


def _rows(treated: Treated) -> list[dict[str, Any]]:
    low, high = min(0.0, float(treated.seen.min())), max(1.0, float(treated.seen.max()))
    counts, edges = np.histogram(treated.seen, BINS, (low, high))
    shares = counts.cumsum() / treated.seen.size
    return [
        {"kind": treated.kind, "low": float(a), "high": float(b), "count": int(count), "share": float(share)}
        for a, b, count, share in zip(edges[:-1], edges[1:], counts, shares, strict=True)
    ]
