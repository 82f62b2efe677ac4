"""The bars that commands draw, and how reading is shown: a bar of its own, or a line where there is no terminal."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.filesize import decimal
from rich.progress import BarColumn, Progress, ProgressColumn, Task, TaskID, TimeRemainingColumn
from rich.table import Column
from rich.text import Text

from normlab.events import Decoded, Event, Fetched, Tell
from normlab.show.shortened import both_ends
from normlab.spec.problems import one_line

STATUS = 48
"""Letters of a line besides its name and its bar: the longest status, the time left, and what is between them."""
NAME = 16
"""Letters of a name that are left on the narrowest screen."""


class Name(ProgressColumn):
    """What a bar is of: both ends of it where it is longer than so many letters."""

    def __init__(self, most: int) -> None:
        super().__init__(Column(no_wrap=True))
        self.most = most

    def render(self, task: Task) -> Text:
        """The end has the seed."""
        return Text(both_ends(task.description, self.most))


class Status(ProgressColumn):
    """What is said beside a bar; it gives way where the line is too long."""

    def render(self, task: Task) -> Text:
        """Its end is cut."""
        return Text(str(task.fields["status"]), no_wrap=True, overflow="ellipsis")


def bars(console: Console) -> Progress:
    """Bars with what is done, how far it is, and the time left; nothing is drawn without a terminal."""
    room = console.width - STATUS
    bar = min(24, max(4, room // 3))
    columns = (
        Name(max(NAME, room - bar)),
        BarColumn(bar_width=bar, table_column=Column(width=bar)),
        Status(),
        TimeRemainingColumn(compact=True, table_column=Column(no_wrap=True)),
    )
    return Progress(*columns, console=console, transient=True, disable=not console.is_terminal)


@contextmanager
def downloads(console: Console | None = None) -> Iterator[Tell]:
    """A display on stderr of nothing but what is fetched and read."""
    with bars(console or Console(stderr=True)) as drawn:
        yield Downloads(drawn).tell


class Downloads:
    """What is fetched and what is decoded, on bars that others draw on too; on stderr, if in lines."""

    def __init__(self, drawn: Progress) -> None:
        self.bars = drawn
        self.tasks: dict[str, TaskID] = {}

    def tell(self, event: Event) -> None:
        """Move the bar of what is fetched or decoded; anything else is nobody's download."""
        match event:
            case Fetched(what, done, total):
                status = decimal(done) + (f" of {decimal(total)}" if total else "")
                self._move(what, "fetching", status, done, total)
            case Decoded(what, done, total):
                self._move(what, "reading", f"{done:,} of {total:,}", done, total)

    def _move(self, what: str, verb: str, status: str, done: int, total: int) -> None:
        if what not in self.tasks:
            self.tasks[what] = self.bars.add_task(one_line(what), total=None, status="")
            if self.bars.disable:
                self.bars.console.print(one_line(f"{verb} {what}"), soft_wrap=True, markup=False, highlight=False)
        under_way = done != total or not done
        self.bars.update(self.tasks[what], completed=done, total=total or None, status=status, visible=under_way)
