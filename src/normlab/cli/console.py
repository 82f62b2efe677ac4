"""The rich consoles that commands write to."""

from __future__ import annotations

from typing import TextIO

from rich.console import Console

PIPED_WIDTH = 120
"""Columns when the output is no terminal: a file has no edge, and 80 would break table rows."""


def wide_enough(stream: TextIO) -> Console:
    """A console for results on `stream`."""
    console = Console(file=stream)
    return console if console.is_terminal else Console(file=stream, width=PIPED_WIDTH)
