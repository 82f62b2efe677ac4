"""How charts look: colours that colour-blind readers tell apart, dashes and shapes beside them, and a quiet frame."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import gcd
from typing import TYPE_CHECKING, Any, NamedTuple

from normlab.spec import Arm

if TYPE_CHECKING:
    import altair as alt

FONT = "Helvetica Neue, Arial, Liberation Sans, sans-serif"
INK, MUTED, RULE = "#1c1e21", "#5f6670", "#e3e5e8"

# Okabe and Ito's palette, less the colours that fade on white and with two that hold on white and on black.
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#b4609a", "#8a6d3b", "#6a7fdb", "#7f7f7f")
MARKS = 9
"""Dashes and dots together, at most, after which a pattern begins again."""
# Solid, dashes, dots, and then so many dashes followed by so many dots: no pattern is another one repeated.
DASHES = (
    [1, 0],
    [6, 3],
    [2, 3],
    *(
        [6, 3] * long + [2, 3] * (marks - long)
        for marks in range(2, MARKS + 1)
        for long in range(1, marks)
        if gcd(long, marks) == 1
    ),
)
SHAPES = ("circle", "triangle-up", "square", "diamond", "cross", "triangle-down", "triangle-right")


def colour(arms: Sequence[Arm]) -> alt.Color:
    """The channel that gives each hue its colour, in the order of the study."""
    import altair as alt

    return alt.Color("hue:N", legend=None, scale=_scale([hue(arms, arm) for arm in arms], COLOURS))


def dash(arms: Sequence[Arm]) -> alt.StrokeDash:
    """The channel that gives each pattern its dashes, in the order of the study."""
    import altair as alt

    return alt.StrokeDash("pattern:N", legend=None, scale=_scale([pattern(arms, arm) for arm in arms], DASHES))


def shape(arms: Sequence[Arm]) -> alt.Shape:
    """The channel that gives each pattern its mark, in the order of the study."""
    import altair as alt

    return alt.Shape("pattern:N", legend=None, scale=_scale([pattern(arms, arm) for arm in arms], SHAPES))


class Stroke(NamedTuple):
    """How a curve is drawn: its colour, and lengths of dashes and gaps in pixels."""

    colour: str
    dash: list[int]


def strokes(arms: Sequence[Arm]) -> dict[str, Stroke]:
    """Of each arm, by its name: what `colour` and `dash` give it."""
    hues, patterns = _places(hue(arms, arm) for arm in arms), _places(pattern(arms, arm) for arm in arms)
    return {
        arm.name: Stroke(
            COLOURS[hues[hue(arms, arm)] % len(COLOURS)], DASHES[patterns[pattern(arms, arm)] % len(DASHES)]
        )
        for arm in arms
    }


def _places(names: Iterable[str]) -> dict[str, int]:
    """Each name's place among those that differ."""
    return {name: place for place, name in enumerate(dict.fromkeys(names))}


def look(arms: Sequence[Arm], arm: Arm) -> dict[str, str]:
    """The fields of a row that the channels read."""
    return {"hue": hue(arms, arm), "pattern": pattern(arms, arm)}


def hue(arms: Sequence[Arm], arm: Arm) -> str:
    """What an arm's colour stands for: the arm without its penalty, or its norm where these are too many to tell.

    Of arms that differ in their penalty alone it stands for the kind. Where norms are too many as well, colours come
    again: an arm's own line or panel then tells it from the others.
    """
    if len({each.base for each in arms}) == 1 and len({each.recipe.penalty.family for each in arms}) > 1:
        return arm.recipe.penalty.family if arm.recipe.penalty.lam else "no penalty"
    return arm.base if _few(arms) else arm.recipe.norm


def pattern(arms: Sequence[Arm], arm: Arm) -> str:
    """What its dashes and marks stand for: its penalty, or all that its colour does not."""
    return penalty(arm) if _few(arms) else f"{arm.base.removeprefix(arm.recipe.norm)}, {penalty(arm)}"


def penalty(arm: Arm) -> str:
    """What the arm's penalty is called, "no penalty" without one."""
    return arm.recipe.penalty.name or "no penalty"


def _few(arms: Sequence[Arm]) -> bool:
    return len({arm.base for arm in arms}) <= len(COLOURS)


def many(names: Sequence[str]) -> alt.Scale:
    """A colour for each of several names, in their order."""
    return _scale(names, COLOURS)


def dashes(names: Sequence[str]) -> alt.Scale:
    """A dash pattern for each of several names, in their order; beside `many` no two of 200 look alike."""
    return _scale(names, DASHES)


def shapes(names: Sequence[str]) -> alt.Scale:
    """A mark for each of several names, in their order."""
    return _scale(names, SHAPES)


def config() -> dict[str, Any]:
    """The Vega-Lite configuration of every chart: no frame, light grid, sans-serif text."""
    axis = {"labelColor": MUTED, "titleColor": MUTED, "gridColor": RULE, "domainColor": MUTED, "tickColor": MUTED}
    return {
        "font": FONT,
        "background": "white",
        "view": {"stroke": None},
        "axis": {**axis, "labelFontSize": 12, "titleFontSize": 12, "titleFontWeight": "normal", "tickSize": 4},
        "axisX": {"grid": False},
        "axisY": {"domain": False, "ticks": False},
        "header": {"labelColor": INK, "labelFontSize": 13, "labelFontWeight": "bold", "title": None},
        "title": {
            "anchor": "start",
            "frame": "group",
            "color": INK,
            "fontSize": 15,
            "subtitleColor": MUTED,
            "subtitleFontSize": 12,
            "subtitleLineHeight": 16,
            "offset": 14,
        },
    }


def _scale(names: Sequence[str], choices: Sequence[Any]) -> alt.Scale:
    import altair as alt

    distinct = list(dict.fromkeys(names))
    return alt.Scale(domain=distinct, range=[choices[index % len(choices)] for index in range(len(distinct))])
