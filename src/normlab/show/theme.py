"""How charts look: colours that colour-blind readers tell apart, dashes and shapes beside them, and a quiet frame."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from normlab.spec import Arm

if TYPE_CHECKING:
    import altair as alt

FONT = "Helvetica Neue, Arial, Liberation Sans, sans-serif"
INK, MUTED, RULE = "#1c1e21", "#5f6670", "#e3e5e8"

# Okabe and Ito's palette, less the colours that fade on white and with two that hold on white and on black.
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#b4609a", "#8a6d3b", "#6a7fdb", "#7f7f7f")
DASHES = ([1, 0], [6, 3], [2, 2], [8, 2, 2, 2])
SHAPES = ("circle", "triangle-up", "square", "diamond")


def colour(arms: Sequence[Arm]) -> alt.Color:
    """The channel that gives each norm, or each preprocessing of it, its colour, in the order of the study."""
    import altair as alt

    return alt.Color("base:N", legend=None, scale=_scale([arm.base for arm in arms], COLOURS))


def dash(arms: Sequence[Arm]) -> alt.StrokeDash:
    """The channel that gives each penalty its dash pattern, in the order of the study."""
    import altair as alt

    return alt.StrokeDash("penalty:N", legend=None, scale=_scale([penalty(arm) for arm in arms], DASHES))


def shape(arms: Sequence[Arm]) -> alt.Shape:
    """The channel that gives each penalty its mark, in the order of the study."""
    import altair as alt

    return alt.Shape("penalty:N", legend=None, scale=_scale([penalty(arm) for arm in arms], SHAPES))


def penalty(arm: Arm) -> str:
    """What the arm's penalty is called, "no penalty" without one."""
    return arm.penalty.name if arm.penalty else "no penalty"


def many(names: Sequence[str]) -> alt.Scale:
    """A colour for each of several names, in their order."""
    return _scale(names, COLOURS)


def dashes(names: Sequence[str]) -> alt.Scale:
    """A dash pattern for each of several names, in their order; beside `many` no two of 28 look alike."""
    return _scale(names, [DASHES[(index + index // len(COLOURS)) % len(DASHES)] for index in range(len(names))])


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
