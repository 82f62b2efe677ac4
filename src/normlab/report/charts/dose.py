"""The final outcome against the levels of an ordered factor, a line for all that is equal otherwise."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from normlab.analysis import Facts
from normlab.analysis.doses import Line, Point
from normlab.outcomes import Outcome
from normlab.report.charts.levels import Levels, levels
from normlab.report.words.amounts import axis
from normlab.report.words.headings import beside, the
from normlab.show import theme, zoom
from normlab.show.figure import WIDTH, Figure, figure
from normlab.show.rows import inline
from normlab.spec import Study

if TYPE_CHECKING:
    import altair as alt

    from normlab.show.figure import Drawing

HEIGHT, PANEL = 280, (190, 150)
TOGETHER = 4
"""So many lines share a chart. Bands of more hide each other, so that each line has a panel."""


def doses(facts: Facts) -> list[Figure]:
    """A chart for each ordered factor with enough levels."""
    factors = dict.fromkeys(line.factor for line in facts.doses)
    return [_figure(facts, path, [line for line in facts.doses if line.factor == path]) for path in factors]


def _figure(facts: Facts, path: str, lines: Sequence[Line]) -> Figure:
    points = [point for line in lines for point in line.points]
    scale = levels(path, [point.arm for point in points])
    outcome, lead = facts.outcome, f"final {facts.judged_on} "
    shown = _window(lines, outcome)
    rows = [_row(scale, point, name, outcome) for line, name in _named(facts.study, lines) for point in line.points]
    name, heading = f"dose-{path}".replace(".", "-").replace("_", "-"), f"{lead.capitalize()}{outcome.title} against "
    chart = _chart(scale.channel(), _along("mean:Q", axis(outcome, lead), shown), rows)
    return figure(name, heading + the(path), _sentence(facts, scale, lines, shown), chart)


def _window(lines: Sequence[Line], outcome: Outcome) -> zoom.Window:
    """Of all means, and of the bands that no mean far off has stretched: a line's bands are equally wide."""
    means = {point.arm.name: [[point.mean]] for line in lines for point in line.points}
    far = zoom.window(means, outcome.perfect).outside
    sound = [line for line in lines if not any(point.arm.name in far for point in line.points)]
    bands = {point.arm.name: [[end] for end in _ends(point, outcome)] for line in sound for point in line.points}
    return replace(zoom.window(means | bands, outcome.perfect), parted=())  # the end of a band is no run


def _ends(point: Point, outcome: Outcome) -> tuple[float, ...]:
    """What is drawn of a point; no accuracy is above 100, wherever its interval ends."""
    most = outcome.perfect if outcome.higher else math.inf
    return (point.mean, point.interval.low, min(most, point.interval.high)) if point.interval else (point.mean,)


def _named(study: Study, lines: Sequence[Line]) -> Iterator[tuple[Line, str]]:
    """Each line with what is equal along it; an arm in which some of that changes nothing says less of it."""
    for line in lines:
        yield line, max((beside(study, point.arm, line.factor) for point in line.points), key=len)


def _row(scale: Levels, point: Point, name: str, outcome: Outcome) -> dict[str, Any]:
    mean, low, high = (*_ends(point, outcome), None, None)[:3]
    place = {"at": scale.place(point.arm), "apart": scale.alone(point.arm)}
    return {"arm": point.arm.name, "line": name, **place, "mean": mean, "low": low, "high": high}


def _sentence(facts: Facts, scale: Levels, lines: Sequence[Line], shown: zoom.Window) -> str:
    told = ["Each mark is the mean over seeds of one arm; lines join arms that are equal otherwise."]
    if any(point.interval for line in lines for point in line.points):
        told.append(
            "The band is the 95% interval without what is each seed’s own, as differences are paired; it is not "
            "corrected for the number of pairs, as verdicts are."
        )
    links = [(path, link) for path, link in facts.study.links.items() if link.per == scale.field.path]
    told += [f"{the(path).capitalize()} goes with it ({link.told})." for path, link in links]
    grey = ["Grey lines are those of the other panels."] if len(lines) > TOGETHER else []
    return " ".join([*told, *grey, *scale.told, shown.left_out]).rstrip()


def _along(field: str, title: str | None, shown: zoom.Window) -> alt.Y:
    import altair as alt

    return alt.Y(field, title=title, scale=alt.Scale(domain=shown.domain, nice=False, zero=False))


def _chart(x: alt.X, y: alt.Y, rows: list[dict[str, Any]]) -> Drawing:
    import altair as alt

    names = list(dict.fromkeys(row["line"] for row in rows))
    if len(names) > TOGETHER:
        return _panels(x, y, rows, names)
    layers = _layers(alt.Chart().encode(x=x, y=y), names, legend=len(names) > 1)
    return alt.LayerChart(data=inline(rows), layer=layers).properties(width=WIDTH, height=HEIGHT)


def _panels(x: alt.X, y: alt.Y, rows: list[dict[str, Any]], names: Sequence[str]) -> alt.FacetChart:
    """A panel for each line, with the others in grey."""
    import altair as alt

    base = alt.Chart().encode(x=x, y=y.title(None))  # the figure's title says it, and panels are narrow
    # Data of its own lacks the facet's field, so Vega-Lite repeats this layer in every panel.
    others = [{"other" if key == "line" else key: value for key, value in row.items()} for row in rows]
    grey = base.properties(data=inline(others)).transform_filter("!datum.apart")
    behind = grey.mark_line(clip=True, strokeWidth=1, opacity=0.5, color=theme.MUTED).encode(detail="other:N")
    layers = [behind, *_layers(base, names, legend=False)]
    panel = alt.LayerChart(data=inline(rows), layer=layers).properties(width=PANEL[0], height=PANEL[1])
    facet = alt.Facet("line:N", sort=list(names), title=None, header=alt.Header(labelAnchor="start"))
    grid: alt.FacetChart = panel.facet(facet=facet, columns=3).resolve_axis(x="independent", y="independent")
    return grid


def _layers(base: alt.Chart, names: Sequence[str], *, legend: bool) -> list[alt.Chart]:
    """Bands and lines along the scale, bars where a level stands apart, and a mark for every mean."""
    import altair as alt

    key = alt.Legend(orient="top", title=None, columns=4, symbolOpacity=1, symbolStrokeWidth=2) if legend else None
    dash = alt.StrokeDash("line:N", sort=list(names), scale=theme.dashes(names), legend=key)
    shape = alt.Shape("line:N", sort=list(names), scale=theme.shapes(names), legend=key)
    base = base.encode(color=alt.Color("line:N", sort=list(names), scale=theme.many(names), legend=key))
    along, alone = base.transform_filter("!datum.apart"), base.transform_filter("datum.apart && isValid(datum.low)")
    told = ["arm:N", *(alt.Tooltip(f"{name}:Q", format=".3f") for name in ("mean", "low", "high"))]
    return [
        _between(along.mark_area(clip=True, opacity=0.12)),
        _between(alone.mark_rule(clip=True, strokeWidth=5, opacity=0.25)),
        along.mark_line(clip=True, strokeWidth=2).encode(strokeDash=dash),
        base.mark_point(clip=True, filled=True, size=60, opacity=1).encode(shape=shape, tooltip=told),
    ]


def _between(chart: alt.Chart) -> alt.Chart:
    """From the lower to the upper end of the intervals."""
    import altair as alt

    low: alt.Y = chart.encoding.y.copy()
    low.shorthand = "low:Q"
    ends: alt.Chart = chart.encode(y=low, y2=alt.Y2("high:Q"))
    return ends
