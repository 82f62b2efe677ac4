"""A path along λ: accuracy against λ, accuracy against exact zeros, and single weights on their way to zero."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from normlab.analysis import Facts
from normlab.analysis.path import Path, Point
from normlab.show import theme
from normlab.show.figure import WIDTH, Figure, figure
from normlab.show.rows import inline

if TYPE_CHECKING:
    import altair as alt

HEIGHT = 280
LOWEST = 3.0
"""Points of accuracy below the best that are shown; where everything is zero, accuracy is chance."""


def charts(facts: Facts) -> list[Figure]:
    """The charts of a study's paths, most important first; none without a path."""
    if not facts.paths:
        return []
    return [
        _against_lambda(facts),
        _against_zeros(facts),
        *(_coefficients(path) for path in facts.paths if path.kernel),
    ]


def _decades() -> alt.Axis:
    import altair as alt

    return alt.Axis(format="~e", tickCount=6)


def _rows(facts: Facts) -> list[dict[str, Any]]:
    return [
        {
            "penalty": path.choice.kind,
            "lambda": point.lam,
            "seed": index,
            "accuracy": accuracy,
            "zero": zero,
            "chosen": point is path.chosen,
        }
        for path in facts.paths
        for point in path.points
        for index, (accuracy, zero) in enumerate(zip(point.accuracy.values, point.zero.values, strict=True))
    ]


def _domain(facts: Facts) -> list[float]:
    """From a little above the best down to `LOWEST` points below it, or to the lowest."""
    values = [value for path in facts.paths for point in path.points for value in point.accuracy.values]
    top, low = max(values), min(values)
    least = max(low, top - LOWEST)
    return [least - 0.03 * (top - least) - 0.01, top + 0.05 * (top - least) + 0.01]


def _accuracy(facts: Facts) -> alt.Y:
    import altair as alt

    scale = alt.Scale(domain=_domain(facts), nice=False, zero=False)
    return alt.Y("accuracy:Q", title=f"{facts.judged_on} accuracy (%)", scale=scale)


def _penalty(facts: Facts) -> dict[str, Any]:
    import altair as alt

    kinds = [path.choice.kind for path in facts.paths]
    legend = alt.Legend(orient="top", title=None, symbolStrokeWidth=2, symbolOpacity=1)
    return {
        "color": alt.Color("penalty:N", sort=kinds, scale=theme.many(kinds), legend=legend),
        "strokeDash": alt.StrokeDash("penalty:N", sort=kinds, scale=theme.dashes(kinds), legend=legend),
        "shape": alt.Shape("penalty:N", sort=kinds, scale=theme.shapes(kinds), legend=legend),
    }


def _against_lambda(facts: Facts) -> Figure:
    import altair as alt

    sentence = (
        "Mean over seeds with the band that they span; large marks are the chosen λ. The dashed line is no penalty. "
        f"Accuracies more than {LOWEST:g} points below the best lie outside."
    )
    rows = [row for row in _rows(facts) if row["lambda"]]
    look = _penalty(facts)
    lam = alt.X("lambda:Q", title="λ", scale=alt.Scale(type="log", nice=False), axis=_decades())
    base = alt.Chart().encode(x=lam, y=_accuracy(facts))
    band = base.mark_area(clip=True, opacity=0.15).encode(
        y=_accuracy(facts).aggregate("min"), y2=alt.Y2("max(accuracy):Q"), color=look["color"]
    )
    mean = base.mark_line(clip=True, strokeWidth=2).encode(
        y=_accuracy(facts).aggregate("mean"), color=look["color"], strokeDash=look["strokeDash"]
    )
    layers = [*_plain(facts), band, mean, _marks(base, facts)]
    chart = alt.LayerChart(data=inline(rows), layer=layers).properties(width=WIDTH, height=HEIGHT)
    return figure("path-lambda", f"{facts.judged_on} accuracy against λ".capitalize(), sentence, chart)


def _marks(base: alt.Chart, facts: Facts) -> alt.Chart:
    import altair as alt

    look = _penalty(facts)
    size = alt.Size("chosen:O", scale=alt.Scale(domain=[False, True], range=[30, 170]), legend=None)
    mean = alt.Tooltip("mean(accuracy):Q", title="accuracy", format=".3f")
    zero = alt.Tooltip("mean(zero):Q", title="exact zeros (%)", format=".1f")
    marks: alt.Chart = base.mark_point(clip=True, filled=True).encode(
        y=_accuracy(facts).aggregate("mean"),
        color=look["color"],
        shape=look["shape"],
        size=size,
        tooltip=["penalty:N", "lambda:Q", mean, zero],
    )
    return marks


def _plain(facts: Facts) -> list[alt.Chart]:
    """A rule at the accuracy without a penalty, if there is such an arm."""
    import altair as alt

    first = facts.paths[0].points[0]
    if first.lam:
        return []
    level = inline([{"accuracy": first.accuracy.mean}])
    rule = alt.Chart(data=level).mark_rule(strokeDash=[5, 4], color=theme.MUTED, clip=True)
    return [rule.encode(y=_accuracy(facts))]


def _against_zeros(facts: Facts) -> Figure:
    import altair as alt

    sentence = (
        "Each small mark is a seed of one λ, lines join the means by rising λ with the band that the seeds span; large "
        "marks are the chosen λ. Further right is sparser; a penalty that leaves no exact zero stays at the left edge."
    )
    look = _penalty(facts)
    share = alt.X("zero:Q", title="weights exactly zero (%)", scale=alt.Scale(domain=[0, 100], nice=False, padding=5))
    points = alt.Chart(data=inline(_rows(facts))).encode(x=share, y=_accuracy(facts), color=look["color"])
    seeds = points.mark_point(clip=True, size=16, opacity=0.5).encode(shape=look["shape"])
    means = inline([_mean(path, point) for path in facts.paths for point in path.points])
    base = alt.Chart(data=means).encode(x=share, y=_accuracy(facts), color=look["color"])
    band = base.mark_area(clip=True, opacity=0.15).encode(y="low:Q", y2="high:Q", order="lambda:Q")
    line = base.mark_line(clip=True, strokeWidth=2).encode(order="lambda:Q", strokeDash=look["strokeDash"])
    size = alt.Size("chosen:O", scale=alt.Scale(domain=[False, True], range=[30, 170]), legend=None)
    told = ["penalty:N", "lambda:Q", alt.Tooltip("accuracy:Q", format=".3f"), alt.Tooltip("zero:Q", format=".1f")]
    marks = base.mark_point(clip=True, filled=True).encode(shape=look["shape"], size=size, tooltip=told)
    chart = alt.layer(band, seeds, line, marks).properties(width=WIDTH, height=HEIGHT)
    return figure("path-zeros", f"{facts.judged_on} accuracy against exact zeros".capitalize(), sentence, chart)


def _mean(path: Path, point: Point) -> dict[str, Any]:
    return {
        "penalty": path.choice.kind,
        "lambda": point.lam,
        "accuracy": point.accuracy.mean,
        "low": min(point.accuracy.values),
        "high": max(point.accuracy.values),
        "zero": point.zero.mean,
        "chosen": point is path.chosen,
    }


def _coefficients(path: Path) -> Figure:
    import altair as alt

    rows = [
        {"lambda": point.lam, "weight": float(value), "number": number, "zero": bool(value == 0)}
        for point, values in zip(path.points, path.weights, strict=True)
        if point.lam
        for number, value in enumerate(values)
    ]
    sentence = f"Each line is a weight of {path.kernel} in the first seed’s network; the vertical line is the chosen λ."
    lam = alt.X("lambda:Q", title="λ", scale=alt.Scale(type="log", nice=False), axis=_decades())
    colour = alt.Color("number:N", legend=None, scale=alt.Scale(range=list(theme.COLOURS)))
    lines = alt.Chart(data=inline(rows)).mark_line(strokeWidth=1, opacity=0.7)
    lines = lines.encode(x=lam, y=alt.Y("weight:Q", title="weight"), detail="number:N", color=colour)
    chosen = alt.Chart(data=inline([{"lambda": path.chosen.lam or None}]))
    rule = chosen.mark_rule(strokeDash=[5, 4], color=theme.MUTED).encode(x=lam)
    chart = alt.layer(lines, rule).properties(width=WIDTH, height=HEIGHT)
    return figure(f"path-weights-{path.choice.kind.lower()}", f"Weights along λ: {path.choice.kind}", sentence, chart)
