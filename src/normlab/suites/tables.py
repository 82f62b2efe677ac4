"""Pairs by data sets as a table, for people and for other programs."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from functools import partial

from normlab.errors import UnknownName
from normlab.show.numbers import MISSING, signed
from normlab.stats.intervals import Interval
from normlab.suites.payload import to_json
from normlab.suites.said import Said
from normlab.suites.words import cell


def table(said: Said, form: str, *, kept: int = 0, trained: int = 0) -> str:
    """As `json` (all numbers), `csv` or `markdown`; `UnknownName` for another form."""
    writers: dict[str, Callable[[Said], str]] = {"csv": _csv, "markdown": _markdown}
    writers["json"] = partial(to_json, kept=kept, trained=trained)
    if form not in writers:
        raise UnknownName("table format of several data sets", form, writers)
    return writers[form](said)


def rows(said: Said) -> list[list[str]]:
    """Head and rows: each pair on each data set, over all of them, and the interval on data sets like these."""
    head = ["first − second", *said.labels, "over all", "on data sets like these"]
    return [head, *(_row(place, said) for place in range(len(said.across.pairs)))]


def ends(found: Interval | None, digits: int) -> str:
    """Of an interval, or a dash."""
    return f"{signed(found.low, digits)} to {signed(found.high, digits)}" if found else MISSING


def _row(place: int, said: Said) -> list[str]:
    pair, outcome = said.across.pairs[place], said.outcome
    each = [cell(pair.on[label], outcome) for label in said.labels]
    return [" − ".join(pair.arms), *each, cell(pair.everywhere, outcome), ends(pair.like, outcome.finer)]


def _markdown(said: Said) -> str:
    head, *body = rows(said)
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *body]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def _csv(said: Said) -> str:
    """A row for each pair on each data set, and over all of them, at full precision."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["factor", "first", "second", "data", "seeds", "mean", "low", "high", "verdict"])
    for pair in said.across.pairs:
        for label, one in [*pair.on.items(), ("over all", pair.everywhere)]:
            low, high = (one.interval.low, one.interval.high) if one.interval else ("", "")
            mean = "" if one.mean is None else one.mean
            writer.writerow([one.factor, *one.arms, label, len(one.seeds), mean, low, high, one.verdict.kind.value])
    return text.getvalue()
