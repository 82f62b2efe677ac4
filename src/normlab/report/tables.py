"""The arms as a table for other programs and documents: JSON and CSV at full precision, Markdown rounded."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from functools import partial

from normlab.analysis import Facts
from normlab.analysis.arms import ArmRow
from normlab.errors import UnknownName
from normlab.records import Comparison
from normlab.report import latex
from normlab.report.payload import columns, to_json
from normlab.report.view import View, build
from normlab.report.words.failures import counts
from normlab.show.numbers import MISSING, estimate, fixed


def table(comparison: Comparison, format: str, *, kept: int = 0, trained: int = 0) -> str:  # noqa: A002 - as the option
    """The arms of a comparison as text.

    Args:
        comparison: what to show.
        format: `json` (with every epoch of every run), `csv` (one row for each arm), `markdown` or `latex`.
        kept, trained: how many runs there were before, and how many came with the call that this is the result of.

    Raises:
        UnknownName: for another format.
    """
    writers: dict[str, Callable[[View], str]] = {"csv": _csv, "markdown": _markdown, "latex": _latex}
    writers["json"] = partial(to_json, kept=kept, trained=trained)
    if format not in writers:
        raise UnknownName("table format", format, writers)
    return writers[format](build(comparison))


def _csv(view: View) -> str:
    rows = [columns(row, view.facts.study) for row in view.facts.arms]
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def _heads(view: View) -> list[str]:
    judged, window = view.facts.judged_on, view.facts.window
    outcome = [] if view.facts.study.verdict.usual else [view.facts.outcome.heading]
    return [
        "arm",
        "parameters",
        "seeds",
        *outcome,
        f"final {judged} %",
        f"last {window} %",
        f"best {judged} %*",
        "train %",
    ]


def _latex(view: View) -> str:
    """A tabular for the booktabs package."""
    rows = [_heads(view), *(_cells(row, view.facts) for row in view.facts.arms)]
    heads, *body = map(latex.row, rows)
    lines = [r"\begin{tabular}{l" + "r" * (len(rows[0]) - 1) + "}", r"\toprule", heads, r"\midrule", *body]
    note = "% Mean ± sd over seeds. * The best epoch is not used for any conclusion."
    return "\n".join([note, *lines, r"\bottomrule", r"\end{tabular}"]) + "\n"


def _markdown(view: View) -> str:
    heads = _heads(view)
    body = [_cells(row, view.facts) for row in view.facts.arms]
    lines = [heads, ["---", *["---:"] * (len(heads) - 1)], *body]
    table = "\n".join(f"| {' | '.join(line)} |" for line in lines)
    return f"{table}\n\nMean ± sd over seeds. * The best epoch is not used for any conclusion.\n"


def _cells(row: ArmRow, facts: Facts) -> list[str]:
    size = MISSING if row.parameters is None else f"{row.parameters:,}"
    best = fixed(row.best.mean if row.best else None)
    train = fixed(row.best_train.mean if row.best_train else None)
    seeds = str(len(row.seeds)) + (f" ({counts(row)})" if row.failed else "")
    outcome = [] if facts.study.verdict.usual else [estimate(row.score, facts.outcome.digits)]
    return [row.name, size, seeds, *outcome, estimate(row.final), estimate(row.last), best, train]
