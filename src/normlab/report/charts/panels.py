"""Curves over epochs in small panels, one for each arm: its seeds, their mean, and the other arms in grey."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from normlab.analysis import Facts
from normlab.records import Epoch
from normlab.show import theme, zoom
from normlab.show.figure import Figure, figure, known
from normlab.show.numbers import fixed
from normlab.spec import Arm
from normlab.stats.estimates import mean

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


OVER_SEEDS = ("mean", "min", "max")
"""What a hover tells of an epoch."""


def panels(facts: Facts, measure: Measure) -> Figure:
    """The curves of one measure; needs a finished run."""
    shown = zoom.window(_values(facts, measure), measure.perfect)
    title = f"{measure.title.capitalize()} over epochs"
    return figure(f"curves-{measure.name}", title, _sentence(measure, shown), _chart(facts, measure, shown))


def _values(facts: Facts, measure: Measure) -> dict[str, list[list[float]]]:
    curves: dict[str, list[list[float]]] = {}
    for curve in facts.curves:
        curves.setdefault(curve.arm, []).append([measure.value(epoch) for epoch in curve.epochs])
    return curves


def _rows(facts: Facts, measure: Measure) -> list[dict[str, Any]]:
    arms = {row.name: row.arm for row in facts.arms}
    return [
        {
            "arm": curve.arm,
            "base": arms[curve.arm].base,
            "penalty": theme.penalty(arms[curve.arm]),
            "seed": curve.seed,
            "epoch": epoch.epoch,
            "value": known(measure.value(epoch)),
        }
        for curve in facts.curves
        for epoch in curve.epochs
    ]


def _means(facts: Facts, measure: Measure) -> Iterator[dict[str, Any]]:
    for arm, curves in _values(facts, measure).items():
        for epoch, values in enumerate(zip(*curves, strict=False), start=1):
            yield {"other": arm, "epoch": epoch, "value": known(float(mean(values)))}


def _chart(facts: Facts, measure: Measure, shown: zoom.Window) -> alt.FacetChart:
    import altair as alt

    arms = [row.arm for row in facts.arms if row.seeds]
    last = max(len(curve.epochs) for curve in facts.curves)
    epochs = alt.Axis(values=list(range(1, max(2, last) + 1, -(-last // 5))), format="d")
    values = alt.Axis(tickCount=5, labelExpr=f"datum.label + '{measure.unit}'")
    base = alt.Chart().encode(
        x=alt.X("epoch:Q", axis=epochs, scale=alt.Scale(domain=[1, max(2, last)], nice=False, padding=5)),
        y=alt.Y("value:Q", title=None, axis=values, scale=alt.Scale(domain=shown.domain, nice=False, zero=False)),
    )
    layers = _layers(base, facts.study.arms, list(_means(facts, measure)))
    panel = alt.LayerChart(data=alt.InlineData(values=_rows(facts, measure)), layer=layers)
    facet = alt.Facet("arm:N", sort=[arm.name for arm in arms], title=None, header=alt.Header(labelAnchor="start"))
    grid = panel.properties(width=WIDTH, height=HEIGHT).facet(facet=facet, columns=_columns(arms))
    with_axes: alt.FacetChart = grid.resolve_axis(x="independent", y="independent")
    return with_axes


def _columns(arms: list[Arm]) -> int:
    """Norms beside each other and penalties below each other, where that fits."""
    bases = len({arm.base for arm in arms})
    return min(bases, 3) if len(arms) > bases > 1 else 3


def _layers(base: alt.Chart, arms: Sequence[Arm], means: list[dict[str, Any]]) -> list[alt.Chart]:
    """The other arms behind, then the band of all seeds, each of them, and their mean."""
    import altair as alt

    # Data of its own lacks the facet's field, so Vega-Lite repeats this layer in every panel.
    others = base.properties(data=alt.InlineData(values=means)).mark_line(
        clip=True, color=CONTEXT, strokeWidth=1, opacity=0.5
    )
    band = base.mark_area(clip=True, opacity=0.15).encode(
        y=base.encoding.y.copy().aggregate("min"), y2=alt.Y2("max(value):Q"), color=theme.colour(arms)
    )
    seeds = base.mark_line(clip=True, strokeWidth=1, opacity=0.4).encode(color=theme.colour(arms), detail="seed:N")
    middle = base.mark_line(clip=True, strokeWidth=2.5, point=alt.OverlayMarkDef(size=18, clip=True)).encode(
        y=base.encoding.y.copy().aggregate("mean"),
        color=theme.colour(arms),
        strokeDash=theme.dash(arms),
        tooltip=["arm:N", "epoch:Q", *(alt.Tooltip(f"{of}(value):Q", title=of, format=".4f") for of in OVER_SEEDS)],
    )
    return [others.encode(detail="other:N"), band, seeds, middle]


def _sentence(measure: Measure, shown: zoom.Window) -> str:
    told = [
        "The thick line with dots is the mean over seeds, thin lines are seeds and the band spans them, grey lines are "
        "the other arms' means."
    ]
    if shown.cut:
        edge, side = (shown.low, "below") if measure.perfect else (shown.high, "above")
        told.append(f"The axis ends at {fixed(edge, 3)}{measure.unit}; early epochs lie {side} it.")
    return " ".join([*told, shown.left_out]).rstrip()
