"""The final outcome, a line for each arm: every seed a mark, their mean a bar and a number."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from normlab.analysis import Facts
from normlab.report.charts.few import left_out
from normlab.report.words.amounts import axis
from normlab.show import theme, zoom
from normlab.show.dots import dots
from normlab.show.figure import Figure, figure
from normlab.show.numbers import fixed

if TYPE_CHECKING:
    import altair as alt


def finals(facts: Facts) -> Figure:
    """The final outcome of each run, arm by arm; needs a finished run."""
    values = {row.name: [[value] for value in row.score.values] for row in facts.arms if row.score is not None}
    shown = zoom.window(values, facts.outcome.perfect)
    return figure(
        "finals", f"Final {facts.judged_on} {facts.outcome.title}", _sentence(facts, shown), _chart(facts, shown)
    )


def _rows(facts: Facts) -> list[dict[str, Any]]:
    return [
        {"arm": row.name, **theme.look(facts.study.arms, row.arm), "seed": seed, "value": value}
        for row in facts.arms
        if row.score is not None
        for seed, value in zip(row.scored, row.score.values, strict=True)
    ]


def _chart(facts: Facts, shown: zoom.Window) -> alt.LayerChart:
    import altair as alt

    ticks = alt.Axis(tickCount=8, labelSeparation=8)
    scale = alt.Scale(domain=shown.domain, nice=False, padding=5)
    x = alt.X("value:Q", title=axis(facts.outcome, f"final {facts.judged_on} "), axis=ticks, scale=scale)
    outcome, looks = facts.outcome, (theme.colour(facts.study.arms), theme.shape(facts.study.arms))
    return dots(_rows(facts), x, *looks, digits=outcome.digits, unit=outcome.unit or outcome.title)


def _sentence(facts: Facts, shown: zoom.Window) -> str:
    finals, outcome = [row.score for row in facts.arms if row.score is not None], facts.outcome
    told = ["Each mark is one seed; the bar and the number on the right are the arm's mean."]
    spread = max(max(final.values) - min(final.values) for final in finals)
    if len(finals) > 1 and spread:
        apart = max(final.mean for final in finals) - min(final.mean for final in finals)
        means, seeds = fixed(apart, outcome.digits) + outcome.behind, fixed(spread, outcome.digits)
        told.append(f"The means lie {means} apart, the seeds of one arm up to {seeds}.")
    if not outcome.higher:
        told.append("Lower is better.")
    return " ".join(filter(None, [*told, shown.left_out, left_out(facts)]))
