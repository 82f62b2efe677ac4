"""The effective step size of weights in front of norms, epoch by epoch: what shrinking their scale really changes."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from normlab.analysis import Facts
from normlab.show import theme
from normlab.show.figure import WIDTH, Figure, figure, known
from normlab.show.rows import inline

if TYPE_CHECKING:
    import altair as alt

HEIGHT = 260


def steps(facts: Facts) -> Figure:
    """Learning rate / ‖w‖² of each arm; needs rows of `facts.scale`."""
    sentence = (
        "Learning rate over squared length of the weights whose scale a norm divides away, geometric mean over layers, "
        "mean over seeds, on a logarithmic axis: how far one step turns them. A penalty that only shrinks them lifts "
        "its curve."
    )
    return figure("steps", "Effective step size over epochs", sentence, _chart(facts))


def _rows(facts: Facts) -> list[dict[str, Any]]:
    return [
        {"arm": row.arm.name, "epoch": epoch, "value": known(value)}
        for row in facts.scale
        for epoch, value in enumerate(row.steps, start=1)
    ]


def _tens(facts: Facts) -> list[float]:
    """The powers of ten around all steps: a logarithmic axis would rule each of their multiples too."""
    exponents = [math.log10(value) for row in facts.scale for value in row.steps if math.isfinite(value) and value > 0]
    return (
        [10.0**each for each in range(math.floor(min(exponents)), math.ceil(max(exponents)) + 1)] if exponents else []
    )


def _chart(facts: Facts) -> alt.LayerChart:
    import altair as alt

    arms = [row.arm.name for row in facts.scale]
    last = max(len(row.steps) for row in facts.scale)
    epochs = alt.Axis(values=list(range(1, max(2, last) + 1, -(-last // 10))), format="d", title="epoch")
    strokes = theme.strokes(facts.study.arms)
    colours = alt.Scale(domain=arms, range=[strokes[arm].colour for arm in arms])
    dashes = alt.Scale(domain=arms, range=[strokes[arm].dash for arm in arms])
    legend = alt.Legend(orient="right", symbolType="stroke", symbolSize=400)  # one for colours and dashes together
    tens = alt.Axis(format="~g", values=_tens(facts))
    base = alt.Chart().encode(
        x=alt.X("epoch:Q", axis=epochs, scale=alt.Scale(domain=[1, max(2, last)], nice=False, padding=5)),
        y=alt.Y("value:Q", title="learning rate / ‖w‖²", scale=alt.Scale(type="log"), axis=tens),
        color=alt.Color("arm:N", sort=arms, title=None, scale=colours, legend=legend),
        strokeDash=alt.StrokeDash("arm:N", sort=arms, title=None, scale=dashes, legend=legend),
        tooltip=["arm:N", "epoch:Q", alt.Tooltip("value:Q", title="effective step", format=".3g")],
    )
    line = base.mark_line(strokeWidth=2, point=alt.OverlayMarkDef(size=22))
    return alt.LayerChart(data=inline(_rows(facts)), layer=[line]).properties(width=WIDTH, height=HEIGHT)
