"""How a command ends that is told to: SIGTERM and SIGHUP are as Ctrl-C."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager

SIGNALS = ("SIGTERM", "SIGHUP")


class Ended(KeyboardInterrupt):
    """A signal came that would have ended the process without a word."""

    def __init__(self, number: int) -> None:
        self.number = number
        super().__init__(number)


def exit_code(end: KeyboardInterrupt) -> int:
    """What a shell expects of a command that was ended so: 128 and the signal's number."""
    return 128 + (end.number if isinstance(end, Ended) else signal.SIGINT)


@contextmanager
def ended_by_signals() -> Iterator[None]:
    """Within it they raise `Ended`; one that this process was told to ignore, as `nohup` does, is ignored still."""
    known = [getattr(signal, name) for name in SIGNALS if hasattr(signal, name)]
    heard = [number for number in known if signal.getsignal(number) != signal.SIG_IGN]
    before = {number: signal.signal(number, _end) for number in heard}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _end(number: int, _frame: object) -> None:
    raise Ended(number)
