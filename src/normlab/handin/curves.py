"""Curves over epochs with all norms in one chart: the four that the assignment asks for, and a large one to compare."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from normlab.analysis import Facts
from normlab.analysis.curves import curves, over_seeds
from normlab.handin.facts import Picture
from normlab.records import Epoch
from normlab.show import drawing, theme, zoom
from normlab.show.figure import known, titled
from normlab.show.numbers import plural
from normlab.show.rows import inline

if TYPE_CHECKING:
    import altair as alt

SMALL, LARGE = (400, 240), (720, 380)
"""Width and height of a chart in pixels."""
EARLY = 0.25
"""The share of the epochs that may lie outside the axis."""


@dataclass(frozen=True)
class _Measure:
    file: str
    title: str
    axis: str
    value: Callable[[Epoch], float]
    perfect: float


def _measures(judged: str) -> Sequence[_Measure]:
    return (
        _Measure("train-loss", "Train loss", "loss (nats)", lambda epoch: epoch.train_loss, 0),
        _Measure("train-accuracy", "Train accuracy", "accuracy (%)", lambda epoch: epoch.train_accuracy, 100),
        _Measure("test-loss", f"{judged.capitalize()} loss", "loss (nats)", lambda epoch: epoch.judged_loss, 0),
        _Measure(
            "test-accuracy", f"{judged.capitalize()} accuracy", "accuracy (%)", lambda epoch: epoch.judged_accuracy, 100
        ),
    )


def single(facts: Facts) -> tuple[Picture, ...]:
    """Train loss, train accuracy, test loss and test accuracy; needs a finished run."""
    return tuple(_picture(facts, measure, measure.file, SMALL) for measure in _measures(facts.judged_on))


def overlay(facts: Facts) -> Picture:
    """Test accuracy of all norms, large, with every seed as a thin line; needs a finished run."""
    return _picture(facts, _measures(facts.judged_on)[-1], "overlay", LARGE, thin=True)


def _picture(facts: Facts, measure: _Measure, file: str, size: tuple[int, int], *, thin: bool = False) -> Picture:
    shown = zoom.window(curves(facts, measure.value), measure.perfect, EARLY)
    chart = titled(_chart(facts, measure, shown, size, thin=thin), measure.title, _sentence(facts, shown, thin=thin))
    alt = f"{measure.title} after each epoch, a line for each norm"
    return Picture(f"{file}.png", alt, drawing.png(chart))


def _chart(facts: Facts, measure: _Measure, shown: zoom.Window, size: tuple[int, int], *, thin: bool) -> alt.LayerChart:
    import altair as alt

    found = curves(facts, measure.value)
    last = max(2, *(len(each) for runs in found.values() for each in runs))
    epochs = alt.Axis(values=list(range(1, last + 1, -(-last // 10))), format="d")
    legend = alt.Legend(
        orient="top", title=None, symbolType="stroke", symbolStrokeWidth=2, symbolSize=400, symbolOpacity=1, offset=10
    )
    base = alt.Chart().encode(
        x=alt.X("epoch:Q", axis=epochs, scale=alt.Scale(domain=[1, last], nice=False, padding=6)),
        y=alt.Y("value:Q", title=measure.axis, scale=alt.Scale(domain=shown.domain, nice=False, zero=False)),
        color=alt.Color("norm:N", legend=legend, scale=theme.many(list(found))),
    )
    over = ({"norm": arm, "epoch": each["epoch"], "value": each["mean"]} for arm, each in over_seeds(found))
    means = base.properties(data=inline(over)).encode(
        strokeDash=alt.StrokeDash("norm:N", legend=legend, scale=theme.dashes(list(found)))
    )
    line = means.mark_line(clip=True, strokeWidth=2, point=alt.OverlayMarkDef(size=24, clip=True))
    seeds = base.properties(data=inline(_seeds(found))).encode(detail="seed:N")
    behind = [seeds.mark_line(clip=True, strokeWidth=1, opacity=0.35)] if thin else []
    return alt.LayerChart(layer=[*behind, line]).properties(width=size[0], height=size[1])


def _seeds(found: dict[str, list[list[float]]]) -> Iterator[dict[str, Any]]:
    for arm, runs in found.items():
        for seed, values in enumerate(runs):
            for epoch, value in enumerate(values, start=1):
                yield {"norm": arm, "seed": seed, "epoch": epoch, "value": known(value)}


def _sentence(facts: Facts, shown: zoom.Window, *, thin: bool) -> str:
    seeds = len(facts.study.seeds)
    told = [f"Mean over {plural(seeds, 'seed')}." if seeds > 1 else "One seed."]
    if thin and seeds > 1:
        told.append("Thin lines are the seeds.")
    if shown.cut:
        told.append("Early epochs lie outside.")
    return " ".join(filter(None, [*told, shown.left_out]))
