"""A worker's end of its pipe: messages one at a time, and a sign of life every few seconds."""

from __future__ import annotations

import time
from multiprocessing.connection import Connection
from threading import Event, Lock, Thread

from normlab.events import BatchDone
from normlab.execution.messages import Alive, Message, Order

BEAT = 5.0
"""Seconds between two signs of life."""
TOLD_EVERY = 0.1
"""Seconds between two batch events of one run: a person cannot read faster."""


class Line:
    """The pipe, for the thread that trains and the one that beats."""

    def __init__(self, pipe: Connection) -> None:
        self._pipe, self._lock, self._last = pipe, Lock(), 0.0
        Thread(target=self._beat, daemon=True).start()

    def order(self) -> Order:
        """The next one; raises `EOFError` when nobody is left to give any."""
        order: Order = self._pipe.recv()
        return order

    def send(self, message: Message) -> None:
        """Say something; raises `OSError` when nobody listens any more."""
        with self._lock:
            self._pipe.send(message)

    def tell(self, event: Message) -> None:
        """Say what happens, of batches as often as people can read."""
        if isinstance(event, BatchDone) and time.monotonic() - self._last < TOLD_EVERY:
            return
        self._last = time.monotonic()
        self.send(event)

    def _beat(self) -> None:
        pause = Event()
        try:
            while not pause.wait(BEAT):
                self.send(Alive())
        except OSError:
            return  # whoever listened is gone; the thread that trains will notice
