"""Differences paired by seed, a line for each pair of arms that answers a question, with their intervals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from normlab.analysis import Contrast, Facts
from normlab.report.charts.few import left_out
from normlab.report.words.answers import interval_told
from normlab.report.words.cards import word
from normlab.report.words.headings import beside, level
from normlab.show import theme
from normlab.show.figure import WIDTH, Figure, figure
from normlab.show.rows import inline
from normlab.spec import Study
from normlab.stats.verdict import Kind

if TYPE_CHECKING:
    import altair as alt

OPEN, SETTLED, EQUAL = "#7f7f7f", "#0072b2", "#009e73"
PAINT = {Kind.better: SETTLED, Kind.worse: SETTLED, Kind.equivalent: EQUAL, Kind.open: OPEN}
STEP = 28
"""Pixels for each pair."""

REACH = 8
"""The axis ends at most this many times the largest difference from 0: intervals of few seeds go on beyond it."""


def differences(facts: Facts) -> Figure:
    """Paired differences of final accuracy; needs a contrast with a seed."""
    return figure("differences", "Differences paired by seed", _sentence(facts), _chart(facts))


def _sentence(facts: Facts) -> str:
    told = "Each small mark is one seed's difference in final accuracy, the large one their mean"
    if any(contrast.interval for contrast in facts.contrasts):
        told += f", the line its interval. The band is ±{facts.study.verdict.margin:g} points, what does not matter"
        told += ". Filled: settled, in blue as better or worse, in green as equivalent"
    beyond = any(_reach(contrast) > _edge(facts) for contrast in facts.contrasts)
    stuck = len(_drawn(facts)) < len(_told(facts))
    told += ". Lines that touch the edge go on beyond it" if beyond else ""
    told += ". Pairs with a run that ended at chance may lie beyond the edge" if stuck else ""
    return f"{told}. {left_out(facts)}".rstrip()


def _chart(facts: Facts) -> alt.LayerChart:
    import altair as alt

    told = _told(facts)
    edge = _edge(facts)
    scale = alt.Scale(domain=[-edge, edge], nice=False)
    axis = alt.Axis(tickCount=7, labelSeparation=8)
    x = alt.X("value:Q", title="difference (percentage points)", axis=axis, scale=scale)
    labels = [_label(contrast, facts.study) for contrast in told]
    y = alt.Y("pair:N", sort=labels, title=None, axis=alt.Axis(labelLimit=240))
    zero = alt.Chart(inline([{"value": 0}])).mark_rule(color=theme.MUTED, strokeDash=[2, 2])
    seeds = alt.Chart(inline([row for contrast in told for row in _seeds(contrast, facts.study)]))
    ticks = seeds.mark_tick(clip=True, color=OPEN, opacity=0.7, size=10, thickness=1.5)
    pairs = alt.Chart(inline([_row(contrast, facts.study) for contrast in told]))
    layers = [_band(facts, edge, scale), zero.encode(x=x), ticks.encode(x=x, y=y), *_intervals(pairs, x, y, scale)]
    layers += [pairs.mark_text(align="left", dx=8, color=theme.INK).encode(x=alt.value("width"), y=y, text="word:N")]
    return alt.LayerChart(layer=layers).properties(width=WIDTH, height=STEP * len(told))


def _band(facts: Facts, edge: float, scale: alt.Scale) -> alt.Chart:
    """The differences that do not matter."""
    import altair as alt

    within = min(facts.study.verdict.margin, edge)
    data = inline([{"from": -within, "to": within}])
    band: alt.Chart = alt.Chart(data).mark_rect(color=EQUAL, opacity=0.12)
    return band.encode(x=alt.X("from:Q", scale=scale), x2="to:Q")


def _intervals(pairs: alt.Chart, x: alt.X, y: alt.Y, scale: alt.Scale) -> list[alt.Chart]:
    import altair as alt

    numbers = (alt.Tooltip(f"{name}:Q", format="+.4f") for name in ("value", "low", "high"))
    tooltip = [alt.Tooltip("pair:N"), alt.Tooltip("verdict:N"), *numbers]
    known = pairs.transform_filter("isValid(datum.low)")
    lines = known.mark_rule(clip=True, strokeWidth=2).encode(
        x=alt.X("low:Q", scale=scale), x2="high:Q", color=alt.Color("paint:N", scale=None)
    )
    means = pairs.mark_point(clip=True, size=70, strokeWidth=2, opacity=1)
    means = means.encode(x=x, stroke=alt.Stroke("paint:N", scale=None), fill=alt.Fill("inside:N", scale=None))
    return [layer.encode(y=y, tooltip=tooltip) for layer in (lines, means)]


def _row(contrast: Contrast, study: Study) -> dict[str, Any]:
    interval, kind = contrast.interval if interval_told(contrast) else None, contrast.verdict.kind
    return {
        "pair": _label(contrast, study),
        "value": contrast.mean,
        "low": interval and interval.low,
        "high": interval and interval.high,
        "verdict": kind.value,
        "word": word(contrast),
        "paint": PAINT[kind],
        "inside": PAINT[kind] if contrast.verdict.settled else "transparent",
    }


def _seeds(contrast: Contrast, study: Study) -> list[dict[str, Any]]:
    pairs = zip(contrast.seeds, contrast.differences, strict=True)
    return [{"pair": _label(contrast, study), "seed": seed, "value": value} for seed, value in pairs]


def _label(contrast: Contrast, study: Study) -> str:
    """Only what differs is written out, so that the label fits beside a narrow chart."""
    if "," in contrast.factor:
        return f"{contrast.first} − {contrast.second}"
    first, second = study.arm(contrast.first), study.arm(contrast.second)
    told = f"{level(study, first, contrast.factor)} − {level(study, second, contrast.factor)}"
    rest = beside(study, first, contrast.factor)
    return f"{told} ({rest})" if rest else told


def _edge(facts: Facts) -> float:
    largest = max(abs(value) for contrast in _drawn(facts) for value in contrast.differences)
    widest = max(_reach(contrast) for contrast in _drawn(facts))
    return min(1.1 * max(widest, largest), REACH * largest) or 0.1


def _told(facts: Facts) -> list[Contrast]:
    return [contrast for contrast in facts.contrasts if contrast.differences]


def _drawn(facts: Facts) -> list[Contrast]:
    """The pairs that the axis is made for: those with a run at chance would hide all others."""
    stuck = {row.name for row in facts.arms if row.at_chance}
    return [contrast for contrast in _told(facts) if not stuck & {*contrast.arms}] or _told(facts)


def _reach(contrast: Contrast) -> float:
    known = contrast.interval if interval_told(contrast) else None
    return max(abs(known.low), abs(known.high)) if known else 0.0
