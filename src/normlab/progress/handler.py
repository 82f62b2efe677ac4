"""HTTP around the desk."""

from __future__ import annotations

from http.server import BaseHTTPRequestHandler
from threading import Event
from typing import Any

from normlab.progress.desk import Desk

HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",  # the address holds the token
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "SAMEORIGIN",
    "Cross-Origin-Resource-Policy": "same-origin",
}


class Handler(BaseHTTPRequestHandler):
    """Of one connection, for one request; what comes with it is not read. Sets `ended` once the last answer is out."""

    timeout = 10
    server_version, sys_version = "normlab", ""

    def __init__(self, desk: Desk, ended: Event, *connection: Any) -> None:
        self.desk, self.ended = desk, ended
        super().__init__(*connection)

    def do_GET(self) -> None:
        """See `Desk`."""
        self._answer()

    def do_POST(self) -> None:
        """See `Desk`."""
        self._answer()

    def log_message(self, *_: Any) -> None:
        """Nothing: stderr is the study's."""

    def _answer(self) -> None:
        host = self.headers.get("Host", "").rpartition(":")[0]
        answer = self.desk.answer(self.command, host, self.path)
        self.send_response(answer.status)
        head = {"Content-Type": answer.kind, "Content-Length": str(len(answer.content)), **HEADERS}
        for name, value in head.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(answer.content)
        if answer.last:
            self.ended.set()
