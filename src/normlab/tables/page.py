"""A judged table as one page that opens anywhere without a network, and as what a notebook shows of it."""

from __future__ import annotations

from functools import cache
from importlib import metadata
from typing import TYPE_CHECKING, Any

from normlab.show.pages import environment
from normlab.show.plates import plate
from normlab.tables import words
from normlab.tables.figures import figures
from normlab.tables.words import Said

if TYPE_CHECKING:
    from jinja2 import Environment


def page(said: Said, name: str, numbers: dict[str, Any]) -> str:
    """The page, with the numbers that JSON has; `name` is the table's."""
    from normlab.show.bundle import bundle

    return _rendered("judged.html.j2", said, name=name, numbers=numbers, bundle=bundle())


def fragment(said: Said) -> str:
    """What a notebook shows: no scripts, and pictures that stand still."""
    return _rendered("cell.html.j2", said)


def _rendered(template: str, said: Said, **more: Any) -> str:
    return (
        _environment()
        .get_template(template)
        .render(
            headline=words.headline(said),
            reading=words.reading(said),
            rows=words.rows(said),
            sentences=words.findings(said),
            notes=words.notes(said),
            plates=[plate(figure) for figure in figures(said)],
            version=metadata.version("normlab"),
            **more,
        )
    )


@cache
def _environment() -> Environment:
    return environment("normlab.tables")
