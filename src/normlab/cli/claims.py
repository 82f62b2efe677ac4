"""`normlab claims`: which differences in somebody's table the evidence supports."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from normlab.cli.console import say
from normlab.errors import SpecError


def claims(
    table: Annotated[
        Path, typer.Argument(help="CSV: name, accuracy (%), n (images), and perhaps seeds, sd or se (points), source.")
    ],
    *,
    level: Annotated[float, typer.Option(help="Confidence that all supported differences hold together.")] = 0.95,
    plus_minus: Annotated[
        str | None, typer.Option(help="What ± is where the table has it: sd or se over seeds.")
    ] = None,
    form: Annotated[str, typer.Option("--format", help="text or json.")] = "text",
) -> None:
    """Say of every difference between claimed accuracies whether the evidence supports it, and what would.

    Claims of different sources (a paper, say) are not compared. One seed never wins. Where no sd over seeds is given,
    the one that small classifiers usually have stands in. Accuracies may be written as 99.2 ± 0.1.

    Examples: normlab claims table.csv · normlab claims table.csv --plus-minus se
    """
    from normlab import claims as verb
    from normlab.claims import notes, words
    from normlab.claims.plus_minus import MEANINGS
    from normlab.errors import UnknownName
    from normlab.spec.problems import short

    if form not in ("text", "json"):
        raise UnknownName("format", form, ("text", "json"))
    if plus_minus not in (None, *MEANINGS):
        raise SpecError(f"--plus-minus: expected sd or se, got {short(plus_minus)}")
    if not 0 < level < 1:
        raise SpecError(f"--level: expected a number between 0 and 1, got {level:g}")
    told = verb.read(table, plus_minus)
    pairs = verb.judge(told, level)
    if form == "json":
        say(json.dumps(words.payload(pairs, notes.notes(told)), indent=2, ensure_ascii=False))
        return
    say(words.headline(pairs))
    for line in (*words.lines(pairs), *words.alone(told), *notes.lines(told)):
        say(line)
