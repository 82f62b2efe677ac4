"""Curves over epochs in small panels, one for each arm: its seeds, their mean, and the other arms in grey."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from normlab.analysis import Facts
from normlab.analysis.arms import ArmRow
from normlab.analysis.curves import curves, over_seeds
from normlab.records import Epoch
from normlab.report.charts.few import left_out
from normlab.show import theme, zoom
from normlab.show.figure import Figure, figure, known
from normlab.show.numbers import fixed
from normlab.show.rows import inline
from normlab.spec import Arm

if TYPE_CHECKING:
    import altair as alt

CONTEXT = "#8a9099"
WIDTH, HEIGHT = 190, 130


@dataclass(frozen=True)
class Measure:
    """One number of an epoch: its name on a page, its title, what stands behind its values, and the best of them."""

    name: str
    title: str
    unit: str
    value: Callable[[Epoch], float]
    perfect: float


def measures(facts: Facts) -> list[Measure]:
    """What has curves; losses are nats for each image."""
    judged = facts.judged_on
    return [
        Measure("accuracy", f"{judged} accuracy", "%", lambda epoch: epoch.judged_accuracy, perfect=100),
        Measure("loss", f"{judged} loss", "", lambda epoch: epoch.judged_loss, perfect=0),
        Measure("train", "train accuracy", "%", lambda epoch: epoch.train_accuracy, perfect=100),
    ]


MOST, LINES = 20, 150
"""Seeds of an arm that have a line each, and lines in all panels: more are no lines any more, and the band says it."""


def panels(facts: Facts, measure: Measure) -> Figure:
    """The curves of one measure; needs a finished run."""
    shown = zoom.window(curves(facts, measure.value), measure.perfect)
    title = f"{measure.title.capitalize()} over epochs"
    return figure(f"curves-{measure.name}", title, _sentence(facts, measure, shown), _chart(facts, measure, shown))


def _rows(facts: Facts, measure: Measure) -> list[dict[str, Any]]:
    """For each arm a row an epoch, and for arms with few seeds one for each seed as well."""
    looks = {arm.name: theme.look(facts.study.arms, arm) for arm in facts.study.arms}
    few = {row.name for row in facts.arms if not _banded(facts, row)}
    over = [{"arm": arm, **looks[arm], **each} for arm, each in over_seeds(curves(facts, measure.value))]
    seeds = [
        {"arm": curve.arm, **looks[curve.arm], "seed": curve.seed, "epoch": epoch.epoch, "value": known(value)}
        for curve in facts.curves
        if curve.arm in few
        for epoch, value in ((epoch, measure.value(epoch)) for epoch in curve.epochs)
    ]
    return [*over, *seeds]


def _banded(facts: Facts, row: ArmRow) -> bool:
    """Whether an arm's seeds are told by their band alone."""
    return len(row.seeds) > MOST or len(facts.curves) > LINES


def _chart(facts: Facts, measure: Measure, shown: zoom.Window) -> alt.FacetChart:
    import altair as alt

    arms = [row.arm for row in facts.arms if row.seeds]
    last = max(len(curve.epochs) for curve in facts.curves)
    epochs = alt.Axis(values=list(range(1, max(2, last) + 1, -(-last // 5))), format="d")
    values = alt.Axis(tickCount=5, labelExpr=f"datum.label + '{measure.unit}'")
    base = alt.Chart().encode(
        x=alt.X("epoch:Q", axis=epochs, scale=alt.Scale(domain=[1, max(2, last)], nice=False, padding=5)),
        y=alt.Y("mean:Q", title=None, axis=values, scale=alt.Scale(domain=shown.domain, nice=False, zero=False)),
    )
    others = [{"other": arm, **each} for arm, each in over_seeds(curves(facts, measure.value))]
    panel = alt.LayerChart(data=inline(_rows(facts, measure)), layer=_layers(base, facts.study.arms, others))
    facet = alt.Facet("arm:N", sort=[arm.name for arm in arms], title=None, header=alt.Header(labelAnchor="start"))
    grid = panel.properties(width=WIDTH, height=HEIGHT).facet(facet=facet, columns=_columns(arms))
    with_axes: alt.FacetChart = grid.resolve_axis(x="independent", y="independent")
    return with_axes


def _columns(arms: list[Arm]) -> int:
    """Norms beside each other and penalties below each other, where that fits."""
    bases = len({arm.base for arm in arms})
    return min(bases, 3) if len(arms) > bases > 1 else 3


def _layers(base: alt.Chart, arms: Sequence[Arm], others: list[dict[str, Any]]) -> list[alt.Chart]:
    """The other arms behind, then the band of all seeds, each of them, and their mean.

    Strokes and fills are thin by themselves: a mark of some `opacity` is drawn on a sheet of its own, which takes a
    PNG a second in all.
    """
    import altair as alt

    # Data of its own lacks the facet's field, so Vega-Lite repeats this layer in every panel.
    behind = base.properties(data=inline(others)).mark_line(clip=True, color=CONTEXT, strokeWidth=1, strokeOpacity=0.5)
    base = base.encode(color=theme.colour(arms))
    over, each = base.transform_filter("!isValid(datum.seed)"), base.transform_filter("isValid(datum.seed)")
    band = over.mark_area(clip=True, fillOpacity=0.15).encode(y=_also(base, "low:Q"), y2=alt.Y2("high:Q"))
    seeds = each.mark_line(clip=True, strokeWidth=1, strokeOpacity=0.4).encode(
        y=_also(base, "value:Q"), detail="seed:N"
    )
    told = (alt.Tooltip(f"{name}:Q", format=".4f") for name in ("mean", "low", "high"))
    middle = over.mark_line(clip=True, strokeWidth=2.5, point=alt.OverlayMarkDef(size=18, clip=True)).encode(
        strokeDash=theme.dash(arms), tooltip=["arm:N", "epoch:Q", *told]
    )
    return [behind.encode(detail="other:N"), band, seeds, middle]


def _also(base: alt.Chart, field: str) -> alt.Y:
    """The same axis for another field."""
    channel: alt.Y = base.encoding.y.copy()
    channel.shorthand = field
    return channel


def _sentence(facts: Facts, measure: Measure, shown: zoom.Window) -> str:
    many = any(_banded(facts, row) for row in facts.arms)
    thin = (
        "the band spans seeds, which have a thin line each where they are few"
        if many
        else ("thin lines are seeds and the band spans them")
    )
    told = [f"The thick line with dots is the mean over seeds, {thin}, grey lines are the other arms' means."]
    if shown.cut:
        edge, side = (shown.low, "below") if measure.perfect else (shown.high, "above")
        told.append(f"The axis ends at {fixed(edge, 3)}{measure.unit}; early epochs lie {side} it.")
    return " ".join(filter(None, [*told, shown.left_out, left_out(facts)]))
