"""Differences, a line for each pair of arms: every seed, their mean and interval, and the band that does not matter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from normlab.show import theme
from normlab.show.figure import WIDTH
from normlab.show.rows import inline
from normlab.stats.verdict import Kind

if TYPE_CHECKING:
    import altair as alt

OPEN, SETTLED, EQUAL = "#7f7f7f", "#0072b2", "#009e73"
PAINT = {Kind.better: SETTLED, Kind.worse: SETTLED, Kind.equivalent: EQUAL, Kind.open: OPEN, Kind.withheld: OPEN}
STEP = 28
"""Pixels for each pair."""
REACH = 8
"""The axis ends at most this many times the largest difference from 0: intervals of few seeds go on beyond it."""


@dataclass(frozen=True)
class Line:
    """A pair of arms: its differences by seed, their mean, the interval if it means something, the verdict, a word.

    `wider` is the interval on other images, where it is known.
    """

    pair: str
    seeds: Sequence[Any]
    differences: Sequence[float]
    mean: float | None
    interval: tuple[float, float] | None
    kind: Kind
    word: str
    wider: tuple[float, float] | None = None

    @property
    def reach(self) -> float:
        """How far its intervals are from 0."""
        return max(map(abs, (*(self.interval or ()), *(self.wider or ()))), default=0.0)


def edge(lines: Sequence[Line]) -> float:
    """Where the axis ends, for these lines."""
    largest = max(abs(value) for line in lines for value in (*line.differences, line.mean or 0.0))
    widest = max(line.reach for line in lines)
    return min(1.1 * max(widest, largest), REACH * largest) or 0.1


def paired(lines: Sequence[Line], margin: float, end: float, title: str) -> alt.LayerChart:
    """The lines, on an axis from −`end` to `end` in whose middle the band of `margin` lies."""
    import altair as alt

    scale = alt.Scale(domain=[-end, end], nice=False)
    x = alt.X("value:Q", title=title, axis=alt.Axis(tickCount=7, labelSeparation=8), scale=scale)
    y = alt.Y("pair:N", sort=[line.pair for line in lines], title=None, axis=alt.Axis(labelLimit=240))
    zero = alt.Chart(inline([{"value": 0}])).mark_rule(color=theme.MUTED, strokeDash=[2, 2])
    seeds = alt.Chart(inline([row for line in lines for row in _seeds(line)]))
    ticks = seeds.mark_tick(clip=True, color=OPEN, opacity=0.7, size=10, thickness=1.5)
    pairs = alt.Chart(inline([_row(line) for line in lines]))
    layers = [_band(min(margin, end), scale), zero.encode(x=x), ticks.encode(x=x, y=y), *_intervals(pairs, x, y, scale)]
    layers += [pairs.mark_text(align="left", dx=8, color=theme.INK).encode(x=alt.value("width"), y=y, text="word:N")]
    return alt.LayerChart(layer=layers).properties(width=WIDTH, height=STEP * len(lines))


def _band(within: float, scale: alt.Scale) -> alt.Chart:
    """The differences that do not matter."""
    import altair as alt

    band: alt.Chart = alt.Chart(inline([{"from": -within, "to": within}])).mark_rect(color=EQUAL, opacity=0.12)
    return band.encode(x=alt.X("from:Q", scale=scale), x2="to:Q")


def _intervals(pairs: alt.Chart, x: alt.X, y: alt.Y, scale: alt.Scale) -> list[alt.Chart]:
    import altair as alt

    numbers = (alt.Tooltip(f"{name}:Q", format="+.4f") for name in ("value", "low", "high"))
    tooltip = [alt.Tooltip("pair:N"), alt.Tooltip("verdict:N"), *numbers]
    known = pairs.transform_filter("isValid(datum.low)")
    lines = known.mark_rule(clip=True, strokeWidth=3).encode(
        x=alt.X("low:Q", scale=scale), x2="high:Q", color=alt.Color("paint:N", scale=None)
    )
    others = pairs.transform_filter("isValid(datum.from)").mark_rule(clip=True, strokeWidth=1, opacity=0.6)
    others = others.encode(x=alt.X("from:Q", scale=scale), x2="to:Q", color=alt.Color("paint:N", scale=None))
    means = pairs.mark_point(clip=True, size=70, strokeWidth=2, opacity=1)
    means = means.encode(x=x, stroke=alt.Stroke("paint:N", scale=None), fill=alt.Fill("inside:N", scale=None))
    return [layer.encode(y=y, tooltip=tooltip) for layer in (others, lines, means)]


def _row(line: Line) -> dict[str, Any]:
    (low, high), (least, most) = line.interval or (None, None), line.wider or (None, None)
    return {
        "pair": line.pair,
        "value": line.mean,
        "low": low,
        "high": high,
        "from": least,
        "to": most,
        "verdict": line.kind.value,
        "word": line.word,
        "paint": PAINT[line.kind],
        "inside": "transparent" if line.kind in (Kind.open, Kind.withheld) else PAINT[line.kind],
    }


def _seeds(line: Line) -> list[dict[str, Any]]:
    pairs = zip(line.seeds, line.differences, strict=True)
    return [{"pair": line.pair, "seed": seed, "value": value} for seed, value in pairs]
