"""A chart with its title and the sentence that says what it shows."""

from __future__ import annotations

import math
import textwrap
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from normlab.show import theme

if TYPE_CHECKING:
    from altair import FacetChart, HConcatChart, LayerChart

    Drawing = LayerChart | FacetChart | HConcatChart

WIDTH = 640
"""Pixels across a chart, before a page fits it to its own width."""


@dataclass(frozen=True)
class Figure:
    """`chart` carries title and sentence too, for files and notebooks; `name` is its id on a page."""

    name: str
    title: str
    sentence: str
    chart: Drawing

    @property
    def untitled(self) -> dict[str, Any]:
        """The Vega-Lite specification without title, ground and fixed size, for a page that has its own."""
        spec: dict[str, Any] = self.chart.to_dict(validate=False)
        spec.pop("title", None)
        spec["config"]["background"] = "transparent"
        return spec


def figure(name: str, title: str, sentence: str, chart: Drawing) -> Figure:
    """A figure whose chart is titled and themed."""
    return Figure(name, title, sentence, titled(chart, title, sentence))


def titled(chart: Drawing, title: str, sentence: str) -> Drawing:
    """The chart in the theme, with a title and its sentence below it."""
    import altair as alt

    heading = alt.TitleParams(title, subtitle=textwrap.wrap(sentence, 105))
    chart = chart.properties(title=heading)
    chart.config = theme.config()
    return chart


def known(value: float) -> float | None:
    """A value for Vega-Lite, which knows a gap but no infinity."""
    return value if math.isfinite(value) else None
