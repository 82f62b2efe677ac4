"""What commands write to: plain lines, and consoles for what is laid out."""

from __future__ import annotations

import errno
import os
import re
from contextlib import suppress
from typing import TextIO

import typer
from rich.console import Console

PIPED_WIDTH = 120
"""Columns when the output is no terminal: a file has no edge, and 80 would break table rows."""
COMMANDS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")
"""What a terminal obeys and does not show: control characters, and what turns the direction of writing."""


def say(text: str, *, err: bool = False, nl: bool = True) -> None:
    """Print text on standard output, or on standard error.

    Names of files, arms and classes come from outside: what a terminal would obey is spelled out, as JSON does it.
    """
    typer.echo(COMMANDS.sub(lambda found: f"\\u{ord(found[0]):04x}", text), err=err, nl=nl)


def mute(stream: TextIO) -> None:
    """Let a stream that fails lead nowhere: what it still holds would fail again, in whoever flushes it next."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def wide_enough(stream: TextIO) -> Console:
    """A console for results on `stream`."""
    console = Sturdy(file=stream)
    return console if console.is_terminal else Sturdy(file=stream, width=PIPED_WIDTH)


class Sturdy(Console):
    """A console that says when its reader has gone, where rich would end the program."""

    def on_broken_pipe(self) -> None:
        """Raise the `BrokenPipeError` that rich has caught."""
        raise BrokenPipeError(errno.EPIPE, os.strerror(errno.EPIPE))
