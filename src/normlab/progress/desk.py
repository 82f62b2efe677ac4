"""What is answered, and to whom: requests in, answers out, without sockets."""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import NamedTuple

from normlab.progress.page import page
from normlab.progress.state import OVER, Progress
from normlab.progress.switch import Switch

HTML, JSON, NOTHING = "text/html; charset=utf-8", "application/json", "text/plain"
LOOKING = 4.0
"""Seconds since it last asked, up to which somebody looks at a page: it asks each second."""


class Answer(NamedTuple):
    """To one request; the `last` one tells how the study ended."""

    content: bytes
    kind: str
    status: HTTPStatus = HTTPStatus.OK
    last: bool = False


NOT_HERE = Answer(b"", NOTHING, HTTPStatus.NOT_FOUND)
"""To everybody else, with no word on why."""


@dataclass
class Desk:
    """Answers who knows the token and calls this machine by a loopback name.

    A page from elsewhere that has its own name point here knows neither. No path of a file is ever made of a request.
    """

    progress: Progress
    switch: Switch
    token: str = field(default_factory=lambda: secrets.token_urlsafe(24))
    asked: float = float("-inf")

    def answer(self, method: str, host: str, path: str) -> Answer:
        """To a request; `host` is what the machine is called in it, without the port."""
        token, _, name = path.partition("?")[0].removeprefix("/").partition("/")
        known = self._known.get((method, name))
        right = secrets.compare_digest(token.encode(), self.token.encode())
        return known() if known and right and host in {"127.0.0.1", "localhost"} else NOT_HERE

    def somebody_waits(self) -> bool:
        """Whether it is over, and a page that has asked just now will want to know how it ended."""
        return self.progress.phase in OVER and time.monotonic() - self.asked < LOOKING

    @property
    def _known(self) -> dict[tuple[str, str], Callable[[], Answer]]:
        return {
            ("GET", ""): lambda: Answer(page(self.progress.name), HTML),
            ("GET", "state"): self._state,
            ("GET", "report"): self._report,
            ("POST", "stop"): lambda: self._turned(self.switch.stop),
            ("POST", "continue"): lambda: self._turned(self.switch.go_on),
        }

    def _turned(self, turn: Callable[[], None]) -> Answer:
        turn()
        return self._state()

    def _state(self) -> Answer:
        self.asked = time.monotonic()
        picture = {**self.progress.picture(), "stopping": self.switch.stopped()}
        return Answer(json.dumps(picture).encode(), JSON)

    def _report(self) -> Answer:
        over, report = self.progress.phase in OVER, self.progress.report
        try:
            return Answer(report.read_bytes(), HTML, last=over) if report is not None else NOT_HERE
        except OSError:
            return NOT_HERE
