"""The rich consoles that commands write to."""

from __future__ import annotations

import errno
import os
from typing import TextIO

from rich.console import Console

PIPED_WIDTH = 120
"""Columns when the output is no terminal: a file has no edge, and 80 would break table rows."""


def wide_enough(stream: TextIO) -> Console:
    """A console for results on `stream`."""
    console = Sturdy(file=stream)
    return console if console.is_terminal else Sturdy(file=stream, width=PIPED_WIDTH)


class Sturdy(Console):
    """A console that says when its reader has gone, where rich would end the program."""

    def on_broken_pipe(self) -> None:
        """Raise the `BrokenPipeError` that rich has caught."""
        raise BrokenPipeError(errno.EPIPE, os.strerror(errno.EPIPE))
