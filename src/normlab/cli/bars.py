"""The bars that commands draw, and how a download is shown: a bar of its own, or a line where there is no terminal."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.filesize import decimal
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from normlab.events import Event, Fetched, Tell

INTERRUPTED = 130
"""The exit code of a command that Ctrl-C ended."""


def bars(console: Console) -> Progress:
    """Bars with what is done, how far it is, and the time left; nothing is drawn without a terminal."""
    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=24),
        TextColumn("{task.fields[status]}", markup=False),
        TimeRemainingColumn(compact=True),
    )
    return Progress(*columns, console=console, transient=True, disable=not console.is_terminal)


@contextmanager
def downloads(console: Console | None = None) -> Iterator[Tell]:
    """A display on stderr of nothing but downloads."""
    with bars(console or Console(stderr=True)) as drawn:
        yield Downloads(drawn).tell


class Downloads:
    """What is fetched, on bars that others draw on too; on stderr, if in lines."""

    def __init__(self, drawn: Progress) -> None:
        self.bars = drawn
        self.tasks: dict[str, TaskID] = {}

    def tell(self, event: Event) -> None:
        """Move the bar of what is fetched; anything else is nobody's download."""
        if isinstance(event, Fetched):
            if event.what not in self.tasks:
                self._begin(event)
            status = decimal(event.done_bytes) + (f" of {decimal(event.total_bytes)}" if event.total_bytes else "")
            total, under_way = event.total_bytes or None, event.done_bytes != event.total_bytes or not event.done_bytes
            task = self.tasks[event.what]
            self.bars.update(task, completed=event.done_bytes, total=total, status=status, visible=under_way)

    def _begin(self, event: Fetched) -> None:
        self.tasks[event.what] = self.bars.add_task(event.what, total=None, status="")
        if self.bars.disable:
            Console(stderr=True).print(f"fetching {event.what}", soft_wrap=True, markup=False, highlight=False)
