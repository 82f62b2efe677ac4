"""A table of claims from CSV: name, accuracy, images, and if known the seeds behind it, their sd and the source.

Cells are separated by commas, semicolons or tabs. Accuracies are percent, or fractions where none is above 1.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from normlab import files
from normlab.claims import cells, columns, luck, plus_minus
from normlab.claims.claim import Claim
from normlab.errors import SpecError
from normlab.spec.problems import short

MOST_BYTES = 1 << 20
MOST_CLAIMS = 1000
"""Every two of them are compared."""


def read(path: Path, meaning: str | None = None) -> list[Claim]:
    """The claims of a file; raises `SpecError` with the line and what was expected there.

    Args:
        path: UTF-8, at most `MOST_BYTES`.
        meaning: what a bare ± is, "sd" or "se" over seeds; None where the table has none, or says it itself.
    """
    try:
        text = files.content(path, MOST_BYTES).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise SpecError(f"cannot read the claims {path}: expected text in UTF-8; save it as CSV in UTF-8") from None
    except OSError as error:
        raise SpecError(f"cannot read the claims {path}: {(error.strerror or str(error)).lower()}") from None
    return parse(text, str(path), meaning)


def parse(text: str, where: str = "claims", meaning: str | None = None) -> list[Claim]:
    """The claims of CSV text with a header; `where` names the file in errors, `meaning` as in `read`."""
    separator = max(",;\t", key=text.partition("\n")[0].count)
    rows = csv.DictReader(io.StringIO(text), delimiter=separator, skipinitialspace=True)
    try:
        claims = list(_claims(rows, where, meaning))
    except csv.Error as error:
        raise SpecError(f"{where}, line {rows.line_num}: {error}") from None
    _comparable(claims, where)
    return _in_percent(claims, where)


def _claims(rows: csv.DictReader[str], where: str, meaning: str | None) -> Iterator[Claim]:
    given = list(rows.fieldnames or [])
    rows.fieldnames = columns.named(given, where)
    head = given[rows.fieldnames.index("accuracy")]
    for row in rows:
        yield _claim(plus_minus.apart(row), f"{where}, line {rows.line_num}", head, meaning)


def _comparable(claims: Sequence[Claim], where: str) -> None:
    """Raises `SpecError` where a source names two claims alike, and where no source has two claims."""
    names = Counter((claim.source, claim.name) for claim in claims)
    twice = next((key for key, count in names.items() if count > 1), None)
    if twice is not None:
        source, name = twice
        raise SpecError(f"{where}: the name {short(name)} stands twice{f' in {short(source)}' if source else ''}")
    if not 2 <= len(claims) <= MOST_CLAIMS:
        raise SpecError(f"{where}: expected 2 to {MOST_CLAIMS:,} claims to compare, got {len(claims):,}")
    if len({claim.source for claim in claims}) == len(claims):
        raise SpecError(f"{where}: expected two claims of one source to compare, got {len(claims):,} sources of one")


def _in_percent(claims: Sequence[Claim], where: str) -> list[Claim]:
    """Fractions as percent; raises `SpecError` where one stands among percent."""
    if all(claim.accuracy <= 1 for claim in claims):
        return [_hundredfold(claim) for claim in claims]
    least = min(claim.accuracy for claim in claims if claim.accuracy > 1)
    wrong = next((claim for claim in claims if 0 < claim.accuracy <= 1 and 100 * claim.accuracy >= least / 2), None)
    if wrong is not None:
        raise SpecError(f"{where}: {wrong.name}: expected percent, as the others are, got {wrong.accuracy:g}")
    return [*claims]


def _hundredfold(claim: Claim) -> Claim:
    return replace(claim, accuracy=100 * claim.accuracy, sd=None if claim.sd is None else 100 * claim.sd)


def _claim(row: cells.Row, where: str, head: str, meaning: str | None) -> Claim:
    name = _said(row, "name", where)
    beside = {key: cells.text(row, key) for key in row if key and key not in columns.KNOWN}
    text = luck.said(f"{name}; {head}", beside)
    return Claim(
        name,
        cells.number(row, "accuracy", where, 0, 100),
        cells.whole(row, "n", where),
        cells.whole(row, "seeds", where) if cells.text(row, "seeds") else 1,
        plus_minus.sd(row, where, meaning),
        _said(row, "source", where) if "source" in row else "",
        best_of=luck.best_of(text),
        chosen=luck.chosen(text),
        spread_as=plus_minus.called(row, meaning) or "",
        beside={"the column": head, **beside},
    )


def _said(row: cells.Row, column: str, where: str) -> str:
    text = cells.text(row, column)
    if not text:
        raise SpecError(f"{where}: expected a {column}, got nothing")
    return text
