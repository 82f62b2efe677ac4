"""The comparison on a terminal, at a glance: the answer, the arms, a line a question, and what to do next."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from normlab.analysis import Facts
from normlab.analysis.arms import ArmRow, best_first
from normlab.records import Comparison
from normlab.report.components import answered
from normlab.report.details import detailed, final, mean
from normlab.report.tables import table
from normlab.report.view import View, build
from normlab.report.words.cards import Card
from normlab.report.words.path import short
from normlab.show.numbers import MISSING, estimate

__all__ = ["show", "table"]

ROWS, ENDS = 8, 3
"""Arms that are shown at a glance, and of more the best and the last of them."""
ALARMS = 2
"""Sentences about what is missing or went wrong that are shown at a glance, that of a registration aside."""


def show(
    comparison: Comparison, console: Console | None = None, *, details: bool = False, project: Path | None = None
) -> None:
    """Print a comparison; to standard output without a console.

    With `details` all that the page says in words. `project` is the folder that the study is in, for the command that
    lets it grow.
    """
    console = console or Console()
    view = build(comparison)
    console.print(detailed(view, console.width) if details else at_a_glance(view, project))


def at_a_glance(view: View, project: Path | None = None) -> RenderableType:
    """Headline, arms, what everybody has to know, a line a question, what to take and what to do next."""
    command = view.glance.command_in(project)
    return Group(
        Text(view.headline, style="bold"),
        _few(view.facts),
        *_alarms(view),
        *_answers(view),
        *answered(view.facts),
        *([Text(f"Take: {view.glance.take}")] if view.glance.take else []),
        *([Text(f"Next: {command}", style="bold")] if command else []),
    )


def _alarms(view: View) -> list[Text]:
    """What everybody has to know; of many sentences the first, since the headline names the arms."""
    said = [Text(sentence) for chapter in view.chapters if chapter.alarm for sentence in chapter.sentences]
    most = ALARMS + (view.facts.comparison.registered is not None)  # what went wrong does not give way to it
    left = len(said) - most
    return [*said[:most], *([Text(f"… {left} more with --details", style="dim")] if left > 0 else [])]


def _answers(view: View) -> list[RenderableType]:
    if view.glance.cards:
        return [_line(card) for card in view.glance.cards]
    if view.facts.paths:
        margin = view.facts.study.verdict.margin
        return [Text("How sparse for free?", style="bold"), *(Text(short(path, margin)) for path in view.facts.paths)]
    told = [chapter for chapter in view.chapters if not chapter.alarm and not chapter.aside]
    return [line for chapter in told for line in (Text(chapter.heading, style="bold"), *map(Text, chapter.sentences))]


def _line(card: Card) -> Text:
    end = "" if card.question.endswith("?") else ":"
    return Text.assemble((f"{card.question}{end}", "bold"), " ", card.answer)


def _few(facts: Facts) -> Table:
    """The arms by what they are judged by, which fits into 60 columns; of many the best and the last."""
    grid = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    usual, judged = facts.study.verdict.usual, f"final {facts.judged_on}, %"
    for head in ("arm", *([] if usual else [facts.outcome.heading]), judged, "parameters", "seeds", "s/run"):
        grid.add_column(head, justify="left" if head == "arm" else "right", overflow="fold", no_wrap=head != "arm")
    rows = [tuple(map(Text, _cells(row, facts))) for row in _best_first(facts)]
    if len(rows) > ROWS:
        rows[ENDS:-ENDS] = [(Text(f"… {len(rows) - 2 * ENDS} more", style="dim"),)]
    for cells in rows:
        grid.add_row(*cells)
    return grid


def _best_first(facts: Facts) -> Sequence[ArmRow]:
    """The arms in the order of the study, where all are shown."""
    if len(facts.arms) <= ROWS:
        return facts.arms
    return best_first(facts.arms, facts.outcome)


def _cells(row: ArmRow, facts: Facts) -> tuple[str, ...]:
    size = MISSING if row.parameters is None else f"{row.parameters:,}"
    reached = (
        [final(row)] if facts.study.verdict.usual else [estimate(row.score, facts.outcome.digits), mean(row.final)]
    )
    return row.name, *reached, size, f"{len(row.seeds)}/{len(facts.study.seeds)}", mean(row.seconds, 0)
