"""One run: accuracy and loss after each epoch, on training and on evaluation images, side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING

from normlab.records import RunRecord
from normlab.show import zoom
from normlab.show.figure import known, titled
from normlab.show.numbers import percent
from normlab.show.rows import inline
from normlab.show.theme import COLOURS, DASHES

if TYPE_CHECKING:
    import altair as alt

    from normlab.show.figure import Drawing

WIDTH, HEIGHT = 330, 230

EARLY = 0.25
"""The share of the epochs that may lie outside the axes."""

Lines = dict[str, list[float]]
"""The values after each epoch, by what images they are of."""


def curves(record: RunRecord, judged_on: str) -> Drawing:
    """Two panels, each with a line for evaluation images and one (dashed) for training images."""
    import altair as alt

    right = {
        judged_on: [epoch.judged_accuracy for epoch in record.epochs],
        "train": [epoch.train_accuracy for epoch in record.epochs],
    }
    loss = {
        judged_on: [epoch.judged_loss for epoch in record.epochs],
        "train": [epoch.train_loss for epoch in record.epochs],
    }
    panels = alt.hconcat(_panel(right, "accuracy (%)", 100), _panel(loss, "loss (nats)", 0), spacing=40)
    return titled(panels, f"{record.arm}, seed {record.seed}", _sentence(record, judged_on))


def _panel(lines: Lines, axis: str, perfect: float) -> alt.Chart:
    import altair as alt

    rows = [
        {"images": name, "epoch": epoch, "value": known(value)}
        for name, values in lines.items()
        for epoch, value in enumerate(values, start=1)
    ]
    shown = zoom.window({name: [values] for name, values in lines.items()}, perfect, EARLY)
    last = max(2, *(len(values) for values in lines.values()))
    ticks = alt.Axis(values=list(range(1, last + 1, -(-last // 10))), format="d")
    legend = alt.Legend(orient="top", title=None, symbolType="stroke", symbolStrokeWidth=2, symbolSize=400)
    names = list(lines)
    base = alt.Chart(inline(rows)).encode(
        x=alt.X("epoch:Q", axis=ticks, scale=alt.Scale(domain=[1, last], nice=False, padding=6)),
        y=alt.Y("value:Q", title=axis, scale=alt.Scale(domain=shown.domain, nice=False, zero=False)),
        color=alt.Color("images:N", legend=legend, scale=alt.Scale(domain=names, range=COLOURS[:2])),
        strokeDash=alt.StrokeDash("images:N", legend=legend, scale=alt.Scale(domain=names, range=DASHES[:2])),
    )
    point = alt.OverlayMarkDef(size=24, clip=True)
    chart: alt.Chart = base.mark_line(clip=True, strokeWidth=2, point=point).properties(width=WIDTH, height=HEIGHT)
    return chart


def _sentence(record: RunRecord, judged_on: str) -> str:
    if record.diverged_at is not None:
        return f"The loss stopped being a number in epoch {record.diverged_at}; the curves end before it."
    last = record.final
    return (
        f"{last.judged_correct:,} of {last.judged_images:,} {judged_on} images right after the last epoch "
        f"({percent(last.judged_accuracy)}), and {percent(last.train_accuracy)} of the training images while it ran. "
        "The axes show the later epochs; the first may lie outside."
    )
