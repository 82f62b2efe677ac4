"""All that the page says in words, on a terminal: the arms with every number, and findings in sentences."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from rich import box
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from normlab.analysis import Facts
from normlab.analysis.arms import ArmRow, Estimate
from normlab.analysis.others import Others
from normlab.outcomes import Outcome
from normlab.report.components import tables
from normlab.report.view import View
from normlab.report.words import others, sources
from normlab.report.words.findings import Chapter
from normlab.show.numbers import MISSING, chance, estimate, fixed, span

WIDE = 110
"""From this many columns on, the table has room for everything."""
ROWS = 60
"""Comparisons by other outcomes up to which all are shown; of more those that stand: the page has all."""


def detailed(view: View, width: int) -> RenderableType:
    """The view for a terminal `width` columns wide: headline, table, findings."""
    parts: list[RenderableType] = [
        Text(view.headline, style="bold"),
        _arms(view.facts, width),
        Text(_legend(view.facts)),
    ]
    for chapter in view.told:
        parts += [Text(), Text(chapter.heading, style="bold"), *_sentences(chapter)]
        if chapter.anchor == others.ANCHOR and view.facts.others:
            parts += [in_pairs(view.facts.others)]
        if chapter.anchor == sources.ANCHOR:
            parts += tables(view.facts)
    return Group(*parts)


def in_pairs(found: Others) -> RenderableType:
    """Every pair in every other outcome; of many those that stand."""
    shown = found.pairs if len(found.pairs) <= ROWS else found.standing
    if not shown:
        return Text()
    grid = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0))
    for head in ("outcome", "first − second", "difference", "interval", "p"):
        grid.add_column(head, justify="left" if head in ("outcome", "first − second") else "right", overflow="fold")
    for outcome in found.outcomes:
        for pair in (pair for pair in shown if pair.outcome == outcome):
            cells = others.difference(pair), others.interval(pair) or MISSING, chance(pair.found.p)
            grid.add_row(*map(Text, (outcome.title, " − ".join(pair.contrast.arms), *cells)))
    return grid


def _sentences(chapter: Chapter) -> list[RenderableType]:
    return [Padding(Text(sentence), (0, 0, 0, 2), expand=False) for sentence in chapter.sentences]


def _legend(facts: Facts) -> str:
    judged_by = "" if facts.study.verdict.usual else f"{_judged_by_what(facts.outcome)}\n"
    return (
        f"{judged_by}Accuracy in %, mean ± sd over seeds; last {facts.window} is the mean of the last {facts.window} "
        f"epochs.\n* The best {facts.judged_on} epoch is not used for any conclusion."
    )


def _judged_by_what(outcome: Outcome) -> str:
    unit = f" in {outcome.unit}" if outcome.unit else ""
    return f"Arms are judged by {outcome.title}{unit}: {outcome.better} is better."


def _arms(facts: Facts, width: int) -> Table:
    grid = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0))
    columns = [column for column in _columns(facts) if width >= WIDE or not column.wide]
    for column in columns:
        side: Literal["left", "right"] = "left" if column is columns[0] else "right"
        grid.add_column(column.head, justify=side, no_wrap=side == "right", vertical="bottom")
    for row in facts.arms:
        grid.add_row(*(Text(column.cell(row)) for column in columns))
    return grid


@dataclass(frozen=True)
class Column:
    """A column's head, the cell of an arm, and whether it is left out on a narrow terminal."""

    head: str
    cell: Callable[[ArmRow], str]
    wide: bool = False


def _columns(facts: Facts) -> list[Column]:
    judged, asked, usual = facts.judged_on, len(facts.study.seeds), facts.study.verdict.usual
    return [
        Column("arm", lambda row: row.name),
        *([] if usual else [_judged_by(facts)]),
        Column(f"final\n{judged}", final),
        Column(f"last {facts.window}\n{judged}", lambda row: mean(row.last)),
        Column(f"best\n{judged}*", lambda row: mean(row.best)),
        Column("at\nepoch*", lambda row: span(row.best_epochs), wide=True),
        Column("best\ntrain", lambda row: mean(row.best_train), wide=not usual),
        Column("fluctu-\nation", lambda row: fixed(row.fluctuation), wide=True),
        Column("para-\nmeters", lambda row: MISSING if row.parameters is None else f"{row.parameters:,}"),
        Column("seeds", lambda row: f"{len(row.seeds)}/{asked}"),
        Column("diverged", lambda row: str(len(row.diverged)), wide=True),
        *([Column("col-\nlapsed", lambda row: str(len(row.collapsed)), wide=True)] if _collapsed(facts) else []),
        Column("s/run", lambda row: mean(row.seconds, 0)),
    ]


def _judged_by(facts: Facts) -> Column:
    return Column(facts.outcome.title.replace(" ", "\n"), lambda row: estimate(row.score, facts.outcome.digits))


def _collapsed(facts: Facts) -> bool:
    return any(row.collapsed for row in facts.arms)


def final(row: ArmRow) -> str:
    """What an arm reached in the end, or that it never did."""
    return "diverged" if row.diverged and not row.seeds else estimate(row.final)


def mean(value: Estimate | None, digits: int = 2) -> str:
    """The mean over seeds alone."""
    return fixed(value.mean if value else None, digits)
