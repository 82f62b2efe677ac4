"""What a conversion did: a row for each norm that was replaced, and every one that was not with its reason."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from html import escape
from typing import Any, Literal


@dataclass(frozen=True)
class Row:
    """A norm that was replaced.

    Args:
        path: its dotted name in the network.
        paths: all of them, where several places share it.
        old, new: the norms' names (`bn`, `gn:4`), or their class where they have no name.
        groups: of the new one, None where it has none.
        channels: of what passes.
        carried: what went over: γ, β, eps, momentum, hooks.
        reset: what the new one has of its own: γ = 1, β = 0, running statistics.
        reason: what is to be known besides; mostly empty.
    """

    path: str
    paths: tuple[str, ...]
    old: str
    new: str
    groups: int | None
    channels: int
    carried: tuple[str, ...]
    reset: tuple[str, ...]
    reason: str = ""


What = Literal["left", "there", "kernel", "unread"]


@dataclass(frozen=True)
class Kept:
    """Something that was left as it is, and why.

    Args:
        path: its dotted name in the network.
        old: what it is called.
        reason: why it is left.
        what: a norm that is `left`, one that is what was asked for and `there`, a `kernel` that is standardized, or a
            forward that could not be read.
    """

    path: str
    old: str
    reason: str
    what: What = "left"


@dataclass(frozen=True)
class Report:
    """All that a conversion did and did not do. It iterates over `rows`, and prints as a table.

    Args:
        to: the norm that was asked for.
        rows: what was replaced, in the order of the network's modules.
        untouched: what was not.
        before, after: how many trainable numbers the network had and has.
    """

    to: str
    rows: tuple[Row, ...]
    untouched: tuple[Kept, ...]
    before: int
    after: int

    def __iter__(self) -> Iterator[Row]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def left(self) -> tuple[Kept, ...]:
        """The norms that are not what was asked for."""
        return tuple(kept for kept in self.untouched if kept.what == "left")

    @property
    def there(self) -> bool:
        """Whether the network has the norm that was asked for, put in now or before."""
        return bool(self.rows) or any(kept.what == "there" for kept in self.untouched)

    @property
    def summary(self) -> str:
        """One line: how many were replaced and kept, and the parameters before and after."""
        parameters = f"{self.before:,} parameters"
        if self.after != self.before:
            parameters = f"{self.before:,} → {self.after:,} parameters"
        kernels = sum(row.new == KERNEL for row in self.rows)
        count = len(self.rows) - kernels
        norms = f"{count} {'norm' if count == 1 else 'norms'} to {self.to}"
        norms += f", {kernels} kernels standardized" if kernels else ""
        return f"{norms}, {len(self.untouched)} left as they are; {parameters}"

    def to_dict(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        return {
            "to": self.to,
            "converted": [asdict(row) for row in self.rows],
            "untouched": [asdict(kept) for kept in self.untouched],
            "parameters": {"before": self.before, "after": self.after},
        }

    def __repr__(self) -> str:
        return f"Report({self.summary})"

    def __str__(self) -> str:
        parts = [self.summary]
        parts += ["", _aligned(_table(self))] if self.rows else []
        parts += ["", "Left as they are:", *_left(self)] if self.untouched else []
        return "\n".join(parts)

    def to_markdown(self) -> str:
        """As a table of GitHub's Markdown."""
        lines = [f"**{_plain(self.summary)}**", ""]
        if self.rows:
            head, *rows = _table(self)
            lines += [_piped(head), _piped(["---"] * len(head)), *map(_piped, rows), ""]
        lines += [f"- `{kept.path}` ({_plain(kept.old)}): {_plain(kept.reason)}" for kept in self.untouched]
        return "\n".join(lines).rstrip() + "\n"

    def _repr_html_(self) -> str:
        """What a notebook shows."""
        head, *rows = (_escaped(cells) for cells in _table(self))
        told = [f"<th>{'</th><th>'.join(head)}</th>", *(f"<td>{'</td><td>'.join(cells)}</td>" for cells in rows)]
        table = f"<table>{''.join(f'<tr>{row}</tr>' for row in told)}</table>" if self.rows else ""
        left = "".join(f"<li>{escape(line.strip())}</li>" for line in _left(self))
        return f"<p><b>{escape(self.summary)}</b></p>{table}{f'<ul>{left}</ul>' if left else ''}"


KERNEL = "standardized kernel"
HEAD = ["path", "old", "new", "channels", "carried", "reset"]


def _escaped(cells: list[str]) -> list[str]:
    return [escape(cell) for cell in cells]


def _table(report: Report) -> list[list[str]]:
    """A head and a row for each norm; what is to be known besides has a column where there is any."""
    table = [HEAD, *_cells(report)]
    if any(row.reason for row in report.rows):
        table = [[*cells, note] for cells, note in zip(table, ["note", *(r.reason for r in report.rows)], strict=True)]
    return table


def _cells(report: Report) -> list[list[str]]:
    return [
        [
            " = ".join(row.paths),
            row.old,
            row.new,
            str(row.channels),
            " ".join(row.carried) or "–",
            ", ".join(row.reset) or "–",
        ]
        for row in report.rows
    ]


def _left(report: Report) -> list[str]:
    """Those of one reason together."""
    reasons: dict[tuple[str, str], list[str]] = {}
    for kept in report.untouched:
        reasons.setdefault((kept.old, kept.reason), []).append(kept.path)
    return [f"  {_some(paths)} ({old}): {reason}" for (old, reason), paths in reasons.items()]


def _some(paths: list[str]) -> str:
    most = 3
    more = f" and {len(paths) - most} more" if len(paths) > most else ""
    return ", ".join(paths[:most]) + more


def _aligned(table: list[list[str]]) -> str:
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    padded = ("  ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)) for cells in table)
    return "\n".join(line.rstrip() for line in padded)


def _piped(cells: list[str]) -> str:
    return f"| {' | '.join(map(_plain, cells))} |"


def _plain(text: str) -> str:
    """Without what Markdown would read as its own."""
    return text.replace("|", "\\|").replace("<", "&lt;").replace("\n", " ")
