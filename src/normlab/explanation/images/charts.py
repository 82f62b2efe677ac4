"""Histograms and cumulative curves of what a network sees, a panel for each preprocessing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from normlab.explanation.images.facts import ImageFacts, Treated
from normlab.explanation.panels import Row, bars, bins, coloured, side_by_side, value
from normlab.show.figure import Figure, figure

if TYPE_CHECKING:
    import altair as alt

BINS = 32


def histograms(found: ImageFacts) -> Figure:
    """How often each value is."""
    sentence = (
        f"How many pixels have each value that a network sees, in {BINS} bins, counts on a square root scale. Mean and"
        " std, and stretching, keep the shape; equalizing spreads crowded levels and presses the others together."
    )
    rows = [row for treated in found.treated for row in _bins(treated)]
    return figure("histograms", "Histograms", sentence, _panels(found, bars("pixels"), rows))


def cumulative(found: ImageFacts) -> Figure:
    """The share of pixels up to each value."""
    sentence = (
        "The share of pixels that have at most a value. Equalizing sends every level to this share, less that of the"
        " darkest, so its own curve is the straightest that the image's levels allow."
    )
    rows = [row for treated in found.treated for row in shares(treated)]
    return figure("cumulative", "Cumulative curves", sentence, _panels(found, _line(), rows))


def _panels(found: ImageFacts, chart: alt.Chart, rows: list[Row]) -> alt.FacetChart:
    """Each in its own range: mean and std call the same levels otherwise."""
    kinds = [treated.kind for treated in found.treated]
    panels = side_by_side(coloured(chart, kinds), rows, kinds, columns=3)
    result: alt.FacetChart = panels.resolve_scale(x="independent")
    return result


def _line() -> alt.Chart:
    import altair as alt

    percent = alt.Axis(format="%", tickCount=4)
    line: alt.Chart = alt.Chart().mark_line(interpolate="step-after")
    encoded: alt.Chart = line.encode(
        x=value(),
        y=alt.Y("share:Q", title="share of pixels", scale=alt.Scale(domain=[0, 1]), axis=percent),
        tooltip=["panel:N", alt.Tooltip("low:Q", title="value", format=".2f"), alt.Tooltip("share:Q", format=".1%")],
    )
    return encoded


def _ends(treated: Treated) -> tuple[float, float]:
    """From where to where values are drawn."""
    return min(0.0, float(treated.seen.min())), max(1.0, float(treated.seen.max()))


def _bins(treated: Treated) -> list[Row]:
    return bins(treated.kind, treated.seen, np.linspace(*_ends(treated), BINS + 1))


def shares(treated: Treated) -> list[Row]:
    """A step at each value that there is, from nothing at the left end to all at the right."""
    values, counts = np.unique(treated.seen, return_counts=True)
    known = counts.cumsum() / treated.seen.size
    low, high = _ends(treated)
    steps = [(low, 0.0), *zip(values.tolist(), known.tolist(), strict=True), (high, 1.0)]
    return [{"panel": treated.kind, "low": at, "share": share} for at, share in steps]
