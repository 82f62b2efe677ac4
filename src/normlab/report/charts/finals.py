"""Final accuracy, a line for each arm: every seed a mark, their mean a bar and a number."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from normlab.analysis import Facts
from normlab.report.charts.few import left_out
from normlab.show import theme, zoom
from normlab.show.figure import WIDTH, Figure, figure
from normlab.show.numbers import fixed
from normlab.show.rows import inline
from normlab.spec import Arm

if TYPE_CHECKING:
    import altair as alt

STEP = 34
"""Pixels for each arm."""


def finals(facts: Facts) -> Figure:
    """Final accuracy of each run, arm by arm; needs a finished run."""
    values = {row.name: [[value] for value in row.final.values] for row in facts.arms if row.final is not None}
    shown = zoom.window(values, perfect=100)
    return figure("finals", f"Final {facts.judged_on} accuracy", _sentence(facts, shown), _chart(facts, shown))


def _rows(facts: Facts) -> list[dict[str, Any]]:
    return [
        {"arm": row.name, **theme.look(facts.study.arms, row.arm), "seed": seed, "value": value}
        for row in facts.arms
        if row.final is not None
        for seed, value in zip(row.seeds, row.final.values, strict=True)
    ]


def _chart(facts: Facts, shown: zoom.Window) -> alt.LayerChart:
    import altair as alt

    arms = [row.arm for row in facts.arms if row.final is not None]
    ticks = alt.Axis(tickCount=8, labelSeparation=8)
    scale = alt.Scale(domain=shown.domain, nice=False, padding=5)
    base = alt.Chart().encode(
        x=alt.X("value:Q", title=f"final {facts.judged_on} accuracy (%)", axis=ticks, scale=scale),
        y=alt.Y("arm:N", sort=[arm.name for arm in arms], title=None, axis=alt.Axis(labelLimit=220)),
        color=theme.colour(facts.study.arms),
    )
    chart = alt.LayerChart(data=inline(_rows(facts)), layer=_layers(base, facts.study.arms))
    return chart.properties(width=WIDTH, height=STEP * len(arms))


def _layers(base: alt.Chart, arms: Sequence[Arm]) -> list[alt.Chart]:
    """The seeds, their mean as a bar, and as a number at the right edge."""
    import altair as alt

    # Each seed keeps its place within an arm's line, so equal scores stay apart and pairs can be followed by eye.
    seeds = base.mark_point(filled=True, size=48, opacity=0.8, clip=True).encode(
        shape=theme.shape(arms),
        yOffset="seed:O",
        tooltip=["arm:N", "seed:O", alt.Tooltip("value:Q", title="%", format=".4f")],
    )
    means = base.mark_tick(thickness=2.5, size=STEP - 8, clip=True).encode(x="mean(value):Q")
    number = alt.Text("mean(value):Q", format=".2f")
    numbers = base.mark_text(align="left", dx=8).encode(x=alt.value("width"), text=number, color=alt.value(theme.INK))
    return [seeds, means, numbers]


def _sentence(facts: Facts, shown: zoom.Window) -> str:
    finals = [row.final for row in facts.arms if row.final is not None]
    told = ["Each mark is one seed; the bar and the number on the right are the arm's mean."]
    spread = max(max(final.values) - min(final.values) for final in finals)
    if len(finals) > 1 and spread:
        apart = max(final.mean for final in finals) - min(final.mean for final in finals)
        told.append(f"The means lie {fixed(apart)} points apart, the seeds of one arm up to {fixed(spread)}.")
    return " ".join(filter(None, [*told, shown.left_out, left_out(facts)]))
