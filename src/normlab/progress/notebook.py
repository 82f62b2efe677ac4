"""How far a study is, below a notebook's cell, for as long as that runs."""

from __future__ import annotations

import sys
import time
from functools import cache
from typing import TYPE_CHECKING, Any

from normlab.events import BatchDone, Event, Tell, silent
from normlab.progress.state import Progress
from normlab.show.numbers import plural
from normlab.show.sparkline import sparkline
from normlab.show.theme import strokes
from normlab.spec import Study

if TYPE_CHECKING:
    from jinja2 import Template

PAUSE = 0.5
"""Seconds between two drawings of batches: a notebook keeps up with no more."""


def told(study: Study) -> Tell:
    """Who shows a study under way where nobody else is told: the notebook's cell that trains it, if one does."""
    return Cell(Progress(study.name, strokes(study.arms))).tell if _kernel() else silent


def _kernel() -> bool:
    """Whether this is a notebook's process; IPython is not imported for the question."""
    ipython = sys.modules.get("IPython")
    return ipython is not None and hasattr(ipython.get_ipython(), "kernel")


class Cell:
    """Draws a study in the output of the cell that runs, again and again in one place."""

    def __init__(self, progress: Progress) -> None:
        self.progress = progress
        self.due = 0.0
        self.place: Any = None

    def tell(self, event: Event) -> None:
        """Take in what happened, and draw it unless that was done a moment ago."""
        self.progress.tell(event)
        if not isinstance(event, BatchDone) or time.monotonic() >= self.due:
            self._draw()
            self.due = time.monotonic() + PAUSE

    def _draw(self) -> None:
        from IPython.display import display

        forms = {"text/html": self.html(), "text/plain": self.text()}
        if self.place is None:
            self.place = display(forms, raw=True, display_id=True)  # type: ignore[no-untyped-call]
        else:
            self.place.update(forms, raw=True)

    def text(self) -> str:
        """On one line."""
        picture = self.progress.picture()
        if picture["total"] is None:
            return picture["doing"] or f"{plural(picture['done'], 'run')} done"
        left = f", about {picture['left']} left" if picture["left"] else ""
        return f"{picture['done']} of {plural(picture['total'], 'run')} done{left}"

    def html(self) -> str:
        """The same, with a bar for each run under way and its curve."""
        picture = self.progress.picture()
        curves = {
            each["run"]: sparkline([value for value in each["values"] if value is not None])
            for each in picture["curves"]["growing"]
        }
        return _template().render(picture, line=self.text(), curves=curves)


@cache
def _template() -> Template:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    loader = PackageLoader("normlab.progress")
    environment = Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    return environment.get_template("cell.html.j2")
