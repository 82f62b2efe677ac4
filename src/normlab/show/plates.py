"""Figures as a page needs them: drawn at the width that there is, and a still picture where no script runs."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from normlab.show import drawing
from normlab.show.figure import Figure


@dataclass(frozen=True)
class Plate:
    """The figure, the specification that is drawn, and the still picture, an SVG, if there is one."""

    figure: Figure
    spec: dict[str, Any]
    still: str


def plate(figure: Figure, *, still: bool = True) -> Plate:
    """A figure for a page, with a still picture or with nothing until a script draws it."""
    spec = figure.untitled
    return Plate(figure, spec, _with_own_ids(drawing.svg(spec), figure.name) if still else "")


def _with_own_ids(svg: str, name: str) -> str:
    """Several pictures share a page, and Vega counts its ids on from picture to picture: number each one's anew."""
    given: dict[str, str] = {}
    return re.sub(r'(?<=id=")\w+|(?<=url\(#)\w+', lambda found: given.setdefault(found[0], f"{name}-{len(given)}"), svg)
