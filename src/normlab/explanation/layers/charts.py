"""A layer's distributions and channels as charts, a panel for each norm."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from normlab.explanation.layers.facts import LayerFacts
from normlab.explanation.layers.layer import Layer
from normlab.explanation.panels import Row, bars, bins, coloured, side_by_side
from normlab.explanation.worked import Array
from normlab.show import theme
from normlab.show.figure import Figure, figure

if TYPE_CHECKING:
    import altair as alt

BINS = 40
STAGES = ("before", "after")


def before(found: LayerFacts) -> Figure:
    """The distributions of what enters."""
    values = {layer.name: layer.x for layer in found.layers}
    sentence = (
        "How often each value enters the norm, over all channels and positions of this image. Counts are on a square"
        " root scale, so that rare values are seen beside many zeros. Each norm's network has weights of its own."
    )
    return figure("before", "What enters the norm", sentence, _histograms(values))


def after(found: LayerFacts) -> Figure:
    """The distributions of what leaves."""
    values = {layer.name: layer.y for layer in found.layers}
    sentence = "The same after the norm, with γ and β, as the network computes it in eval mode."
    return figure("after", "What leaves it", sentence, _histograms(values))


def channels(found: LayerFacts) -> Figure:
    """Each channel before and after."""
    sentence = (
        "Mean (point) and one standard deviation to each side (line) of every channel of this image, before and after"
        " the norm. Layer norm moves all channels together, group norm those of a group, instance norm each by itself;"
        " batch norm each by the running statistics that it learned in training, if it keeps any, not by this image."
    )
    return figure("channels", "Channel by channel", sentence, _channels(found.layers))


def _histograms(values: dict[str, Array]) -> alt.FacetChart:
    edges = np.histogram_bin_edges(np.concatenate([each.ravel() for each in values.values()]), BINS)
    rows = [row for name, each in values.items() for row in bins(name, each, edges)]
    return side_by_side(coloured(bars("values"), list(values)), rows, list(values))


def _channels(layers: Sequence[Layer]) -> alt.FacetChart:
    import altair as alt

    rows = [row for layer in layers for row in _spans(layer)]
    most = max(len(layer.x) for layer in layers)
    base = alt.Chart().encode(
        y=alt.Y("channel:O", title="channel", axis=alt.Axis(grid=True)),
        yOffset=alt.YOffset("stage:N", sort=list(STAGES)),
        color=alt.Color(
            "stage:N", sort=list(STAGES), title=None, scale=theme.many(STAGES), legend=alt.Legend(orient="top")
        ),
        tooltip=[
            "panel:N",
            "channel:O",
            "stage:N",
            alt.Tooltip("mean:Q", format=".3f"),
            alt.Tooltip("sd:Q", format=".3f"),
        ],
    )
    ends = {"x": alt.X("low:Q", title="value"), "x2": "high:Q"}
    layered = alt.LayerChart(
        layer=[
            base.mark_rule(strokeWidth=2).encode(**ends),
            base.mark_point(filled=True, size=34, opacity=1).encode(
                x="mean:Q", shape=alt.Shape("stage:N", legend=None)
            ),
        ]
    )
    names = [layer.name for layer in layers]
    return side_by_side(layered, rows, names, height=18 * most)


def _spans(layer: Layer) -> list[Row]:
    found = []
    for stage, values in zip(STAGES, (layer.x, layer.y), strict=True):
        for channel, each in enumerate(values, start=1):
            mean, sd = float(each.mean()), float(each.std())
            ends = {"low": mean - sd, "high": mean + sd}
            found.append({"panel": layer.name, "stage": stage, "channel": channel, "mean": mean, "sd": sd, **ends})
    return found
