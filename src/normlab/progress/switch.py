"""The page's two buttons, which other threads press, and who trains looks at."""

from __future__ import annotations

from threading import Event


class Switch:
    """On at first; while it is off, no run begins."""

    def __init__(self) -> None:
        self._on = Event()
        self._on.set()

    def stop(self) -> None:
        """Let nothing more begin."""
        self._on.clear()

    def go_on(self) -> None:
        """Let runs begin again."""
        self._on.set()

    def stopped(self) -> bool:
        """Whether it is off."""
        return not self._on.is_set()

    def wait(self) -> None:
        """Until it is on."""
        self._on.wait()
