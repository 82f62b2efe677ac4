"""What a sheet is made of."""

from __future__ import annotations

from dataclasses import dataclass

from normlab.show.figure import Figure


@dataclass(frozen=True)
class Pictures:
    """Small pictures in a row: for each its `data:` address, what it is called, and a note below it."""

    title: str
    sentence: str
    shown: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True)
class Table:
    """Rows of text; the first cell of each is its name."""

    sentence: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Notes:
    """Words with a name beside each."""

    sentence: str
    lines: tuple[tuple[str, str], ...]


Part = Pictures | Figure | Table | Notes | str


@dataclass(frozen=True)
class Section:
    """A heading and what stands below it, in this order."""

    title: str
    parts: tuple[Part, ...]


@dataclass(frozen=True)
class Sheet:
    """A page: its title, a sentence below that, and its sections."""

    title: str
    lede: str
    sections: tuple[Section, ...]
