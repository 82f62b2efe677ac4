"""What print, a notebook and the terminal show alike."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from io import StringIO

from rich.console import Console, ConsoleOptions, ConsoleRenderable
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

WIDTH = 110
"""Columns where there is no terminal."""


class Shown(ABC):
    """Something that is read from top to bottom."""

    @abstractmethod
    def parts(self) -> Iterator[ConsoleRenderable]:
        """What is printed."""

    def __rich_console__(self, _console: Console, _options: ConsoleOptions) -> Iterator[ConsoleRenderable]:
        return self.parts()

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: print it, or let a notebook show it>"

    def __str__(self) -> str:
        """As in the terminal, without colours, and without the spaces that fill a terminal's lines."""
        written = StringIO()
        Console(file=written, width=WIDTH, color_system=None, force_jupyter=False).print(self)
        return "\n".join(line.rstrip() for line in written.getvalue().splitlines()).rstrip("\n")

    def _repr_html_(self) -> str:
        """As in the terminal, with its colours, for a notebook."""
        console = Console(file=StringIO(), width=WIDTH, record=True, force_jupyter=False)
        console.print(self)
        return console.export_html(inline_styles=True, code_format='<pre style="line-height:1.3">{code}</pre>')


def section(title: str, lines: list[str]) -> Iterator[ConsoleRenderable]:
    """A heading, and lines below it."""
    yield Text("\n" + title, style="bold")
    yield from indented(lines)


def indented(lines: list[str]) -> Iterator[ConsoleRenderable]:
    """Lines that stand a little further in."""
    for line in lines:
        yield Padding(Text(line), (0, 0, 0, 2))


class Quiet(Table):
    """A table whose cells are text as it stands: brackets in a name are no markup."""

    def row(self, *cells: str) -> None:
        """Add a row."""
        self.add_row(*map(Text, cells))


def table(*names: str, left: int = 1) -> Quiet:
    """A quiet table whose first columns are words and the others numbers."""
    quiet = Quiet(*names, box=None, header_style="dim", padding=(0, 2, 0, 0), pad_edge=False)
    for column in quiet.columns[left:]:
        column.justify = "right"
    return quiet
