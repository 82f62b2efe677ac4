"""The page on an address of this machine, for as long as a study is under way."""

from __future__ import annotations

from functools import partial
from http.server import ThreadingHTTPServer
from threading import Event, Thread
from types import TracebackType

from normlab.errors import SpecError
from normlab.progress.desk import Desk
from normlab.progress.handler import Handler

HOST = "127.0.0.1"
LINGER = 5.0
"""Seconds, at most, that a page which somebody looks at has to fetch how it ended."""


class Site:
    """A server in threads of its own, on the loopback interface alone.

    Args:
        port: where it listens; 0 for any that is free.

    Raises:
        SpecError: the port is taken, or not this user's to take.
    """

    def __init__(self, desk: Desk, port: int = 0) -> None:
        self.desk, self.ended = desk, Event()
        try:
            self._server = _Server((HOST, port), partial(Handler, desk, self.ended))
        except OSError as error:
            way = "name another with --port, or leave it out for one that is free"
            raise SpecError(f"cannot listen on port {port}: {(error.strerror or str(error)).lower()}; {way}") from None

    @property
    def address(self) -> str:
        """What a browser is given; who has it can stop the study."""
        return f"http://{HOST}:{self._server.server_address[1]}/{self.desk.token}/"

    def __enter__(self) -> Site:
        """Begin to answer."""
        Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Answer no more, once those who look have seen how it ended."""
        if self.desk.somebody_waits():
            self.ended.wait(LINGER)
        self._server.shutdown()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
