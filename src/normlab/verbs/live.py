"""The report of a study while it trains: written anew as runs come in, and it loads itself again.

Where a number of seeds was fixed beforehand, it shows no verdict before all of them are there: whoever saw one might
stop at it.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from normlab.events import ReportWritten, Tell
from normlab.plans import Maker
from normlab.store import Store
from normlab.verbs.assembly import gathered
from normlab.verbs.checks import Basis
from normlab.verbs.projects import Place

SHARE = 0.1
"""Of one core's time, at most, that is spent on it."""
USUAL = 1.0
"""Seconds that a page is taken to cost before the first is made: a study that is done by then has its last at once."""


@dataclass
class Live:
    """Writes the report of a study's runs so far, unless the last time was a short while ago."""

    place: Place
    store: Store
    basis: Basis
    made: Maker
    tell: Tell
    due: float = field(default_factory=lambda: time.monotonic() + USUAL / SHARE)

    def write(self, *, now: bool = False) -> None:
        """Write it if it is time, or `now`. What goes wrong with it does not end the training: it is a convenience."""
        if time.monotonic() < self.due and not now:
            return
        from normlab.report import html

        start = time.monotonic()
        page = self.place.folder / "report.html"
        try:
            html.write_live(gathered(self.made, self.store, self.basis), page)
            self.tell(ReportWritten(page))
        except Exception:  # noqa: BLE001, S110 - the report at the end tells what is wrong; a full disk, what has to be kept
            pass
        end = time.monotonic()
        self.due = end + (end - start) * (1 / SHARE - 1)
