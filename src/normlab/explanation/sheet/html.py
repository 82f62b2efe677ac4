"""A sheet as one HTML file."""

from __future__ import annotations

from functools import cache
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

from normlab.explanation.sheet.parts import Part, Sheet
from normlab.show import output
from normlab.show.bundle import bundle
from normlab.show.pages import environment
from normlab.show.plates import plate

if TYPE_CHECKING:
    from jinja2 import Template


def write(sheet: Sheet, path: Path) -> Path:
    """Put the page at `path`, whole or not at all; raises `StoreError` when it cannot be written."""
    return output.write(path, render(sheet).encode())


def render(sheet: Sheet) -> str:
    """The page as text."""
    version = metadata.version("normlab")
    return _template().render(sheet=sheet, kind=_kind, plate=plate, bundle=bundle(), version=version)


def _kind(part: Part) -> str:
    """What a part is: `str`, `Figure`, `Pictures`, `Notes` or `Table`."""
    return type(part).__name__


@cache
def _template() -> Template:
    return environment("normlab.explanation.sheet", "normlab.report", folder="").get_template("sheet.html.j2")
