"""Final accuracy, a line for each arm: every seed a mark, their mean a bar and a number."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from normlab.analysis import Facts
from normlab.report.charts.few import left_out
from normlab.show import theme, zoom
from normlab.show.dots import dots
from normlab.show.figure import Figure, figure
from normlab.show.numbers import fixed

if TYPE_CHECKING:
    import altair as alt


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

    ticks = alt.Axis(tickCount=8, labelSeparation=8)
    scale = alt.Scale(domain=shown.domain, nice=False, padding=5)
    x = alt.X("value:Q", title=f"final {facts.judged_on} accuracy (%)", axis=ticks, scale=scale)
    return dots(_rows(facts), x, theme.colour(facts.study.arms), theme.shape(facts.study.arms))


def _sentence(facts: Facts, shown: zoom.Window) -> str:
    finals = [row.final for row in facts.arms if row.final is not None]
    told = ["Each mark is one seed; the bar and the number on the right are the arm's mean."]
    spread = max(max(final.values) - min(final.values) for final in finals)
    if len(finals) > 1 and spread:
        apart = max(final.mean for final in finals) - min(final.mean for final in finals)
        told.append(f"The means lie {fixed(apart)} points apart, the seeds of one arm up to {fixed(spread)}.")
    return " ".join(filter(None, [*told, shown.left_out, left_out(facts)]))
