"""`--open`: the report in a browser, once, as soon as it has something to show."""

from __future__ import annotations

import webbrowser
from typing import TYPE_CHECKING, Annotated

import typer

from normlab.errors import SpecError

if TYPE_CHECKING:
    from normlab.events import Event, Tell

Open = Annotated[bool, typer.Option("--open", help="Show the report in a browser, while it still grows.")]


class Opener:
    """Opens the first report that it is told of, if that is `wanted`.

    Raises `SpecError` where there is no browser: now, and not after hours of training.
    """

    def __init__(self, *, wanted: bool) -> None:
        self.wanted = wanted
        try:
            if wanted:
                webbrowser.get()
        except webbrowser.Error:
            raise SpecError("--open: there is no browser here; leave it out and open report.html elsewhere") from None

    def watching(self, tell: Tell) -> Tell:
        """Passes events on, and opens what they say was written."""
        from normlab.events import ReportWritten  # brings NumPy, which --help has no use for

        def told(event: Event) -> None:
            tell(event)
            if isinstance(event, ReportWritten):
                self.open(event.page.resolve().as_uri())

        return told

    def open(self, address: str) -> None:
        """Open a page, unless one was."""
        if self.wanted:
            self.wanted = False
            webbrowser.open(address)
