"""A suite as one page that opens anywhere without a network, and as what a notebook shows of it."""

from __future__ import annotations

from functools import cache
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

from normlab.analysis import Contrast
from normlab.show import output
from normlab.show.numbers import estimate, plural
from normlab.show.pages import environment
from normlab.show.plates import plate
from normlab.suites import words
from normlab.suites.figures import figures
from normlab.suites.payload import payload
from normlab.suites.said import Said
from normlab.suites.tables import ends

if TYPE_CHECKING:
    from jinja2 import Environment

DEEP = 40
"""Percent of the most colour that a cell has: a number on it can still be read."""


def write(said: Said, path: Path) -> Path:
    """Put the page at `path`, whole or not at all; raises `StoreError` when it cannot be written."""
    return output.write(path, output.sealed(page(said).encode()))


def page(said: Said) -> str:
    """The page, with the numbers that JSON has."""
    from normlab.show.bundle import bundle

    return _rendered("suite.html.j2", said, numbers=payload(said), bundle=bundle())


def fragment(said: Said) -> str:
    """What a notebook shows: no scripts, and pictures that stand still."""
    return _rendered("cell.html.j2", said)


def shade(one: Contrast, said: Said) -> tuple[int, str]:
    """How much colour a cell has, in percent, by how large its difference is among all; and for whom it speaks."""
    largest = max((abs(other.mean or 0) for pair in said.across.pairs for other in pair.on.values()), default=0)
    if one.mean is None or not largest:
        return 0, "none"
    ahead = (one.mean > 0) == said.outcome.higher
    return round(DEEP * min(1.0, abs(one.mean) / largest)), "first" if ahead else "second"


def _rendered(template: str, said: Said, **more: Any) -> str:
    return (
        _environment()
        .get_template(template)
        .render(
            said=said,
            headline=words.headline(said),
            depends=words.depends(said),
            chapters=words.chapters(said),
            plates=[plate(figure) for figure in figures(said)],
            within=words.within(said),
            version=metadata.version("normlab"),
            **more,
        )
    )


@cache
def _environment() -> Environment:
    return environment(
        "normlab.suites",
        cell=words.cell,
        belief=words.belief,
        ends=ends,
        shade=shade,
        estimate=estimate,
        plural=plural,
    )
