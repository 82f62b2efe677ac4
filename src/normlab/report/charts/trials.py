"""How well each arm did at each value that was tried, and what so many trials were to be expected to find."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from normlab.analysis import Facts
from normlab.analysis.tuning import Trial, TunedArm
from normlab.report.words.headings import the
from normlab.show import theme
from normlab.show.figure import WIDTH, Figure, figure
from normlab.show.rows import inline
from normlab.spec import known

if TYPE_CHECKING:
    import altair as alt

HEIGHT = 240


def trials(facts: Facts) -> list[Figure]:
    """Held-out accuracy against the value, where one ordered field was tuned; and against the number of trials."""
    if not facts.tuned or not facts.study.tuning:
        return []
    fields = [known()[path] for path in facts.study.tuning.fields]
    along = [_tried(facts.tuned, fields[0].path)] if len(fields) == 1 and fields[0].ordered else []
    return [*along, _budget(facts.tuned)]


def _tried(arms: Sequence[TunedArm], path: str) -> Figure:
    import altair as alt

    log = known()[path].setting.scale == "log" and all(_value(t, path) > 0 for each in arms for t in each.trials)
    scale = alt.Scale(type="log", nice=False) if log else alt.Scale(zero=False, nice=False)
    x = alt.X("value:Q", title=known()[path].title, scale=scale, axis=alt.Axis(format="~g"))
    rows = [
        {"arm": each.arm, "value": _value(trial, path), "accuracy": trial.mean, "chosen": trial is each.best}
        for each in arms
        for trial in sorted(each.trials, key=lambda trial: _value(trial, path))
    ]
    sentence = "Each mark is the mean over the trials’ seeds, on held-out images; the filled one was chosen."
    return figure("tuning", f"Held-out accuracy against {the(path)} that was tried", sentence, _lines(x, rows, arms))


def _value(trial: Trial, path: str) -> float:
    return float(dict(trial.point)[path])


def _budget(arms: Sequence[TunedArm]) -> Figure:
    import altair as alt

    x = alt.X("trials:Q", title="trials", axis=alt.Axis(format="d", tickMinStep=1), scale=alt.Scale(nice=False))
    rows = [
        {"arm": each.arm, "trials": number, "accuracy": best, "chosen": False}
        for each in arms
        for number, best in enumerate(each.expected, start=1)
    ]
    sentence = "The held-out accuracy that the best of so many trials is expected to have, drawn from those made."
    return figure("budget", "What a budget of trials buys", sentence, _lines(x, rows, arms))


def _lines(x: alt.X, rows: list[dict[str, Any]], arms: Sequence[TunedArm]) -> alt.LayerChart:
    import altair as alt

    names = [each.arm for each in arms]
    key = alt.Legend(orient="top", title=None, columns=4, symbolOpacity=1, symbolStrokeWidth=2)
    y = alt.Y("accuracy:Q", title="held-out accuracy (%)", scale=alt.Scale(zero=False, nice=False))
    color = alt.Color("arm:N", sort=names, scale=theme.many(names), legend=key)
    dash = alt.StrokeDash("arm:N", sort=names, scale=theme.dashes(names), legend=key)
    told = ["arm:N", x.shorthand, alt.Tooltip("accuracy:Q", format=".3f")]
    base = alt.Chart().encode(x=x, y=y, color=color)
    layers = [
        base.mark_line(strokeWidth=2).encode(strokeDash=dash),
        base.mark_point(size=50, opacity=1).encode(tooltip=told),
        base.transform_filter("datum.chosen").mark_point(size=90, filled=True, opacity=1).encode(tooltip=told),
    ]
    return alt.LayerChart(data=inline(rows), layer=layers).properties(width=WIDTH, height=HEIGHT)
