"""The contest as a chart: how fast each engine is with each norm, and how much of the peak that is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import altair as alt

from normlab.bench.results import EAGER, LANES, LOOP, Results, shares_of
from normlab.show.rows import inline

if TYPE_CHECKING:
    from normlab.show.figure import Drawing


def chart(results: Results) -> Drawing:
    """Bars of images per second with the range over rounds, labelled with the share of peak."""
    rows = shares_of(results, results.norms)
    base = alt.Chart(inline(rows)).encode(
        x=alt.X("norm:N", title="norm", sort=results.norms, axis=alt.Axis(labelAngle=0)),
        xOffset=alt.XOffset("engine:N", sort=[LOOP, EAGER, LANES]),
    )
    y = alt.Y("images:Q", title="trained images per second")
    colour = alt.Color(
        "engine:N",
        sort=[LOOP, EAGER, LANES],
        scale=alt.Scale(domain=[LOOP, EAGER, LANES], range=["#9aa5b1", "#4c78a8", "#e4572e"]),
        title="engine",
    )
    bars = base.mark_bar().encode(y=y, color=colour)
    ranges = base.mark_rule(color="#333").encode(y="low:Q", y2="high:Q")
    labels = base.mark_text(dy=-20, fontSize=11, baseline="bottom", lineBreak="\n").transform_calculate(
        label="format(datum.images, ',.0f') + '\\n' + format(datum.share, '.0f') + ' %'"
    )
    title = alt.TitleParams(
        f"Training the {results.model} network on {results.cores} cores",
        subtitle=f"median of rounds, range as a line; % of the machine's float32 peak · {results.processor}",
        anchor="start",
    )
    layers = alt.layer(bars, ranges, labels.encode(y="high:Q", text="label:N"))
    return layers.properties(width=640, height=320, title=title)
