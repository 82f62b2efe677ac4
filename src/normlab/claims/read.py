"""A table of claims from CSV: name, accuracy, images, and if known the seeds behind it and their sd.

Cells are separated by commas, semicolons or tabs. Accuracies are percent, or fractions where none is above 1.
"""

from __future__ import annotations

import csv
import io
import math
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from normlab import files
from normlab.errors import SpecError
from normlab.spec.problems import short

NEEDED, OPTIONAL = ("name", "accuracy", "n"), ("seeds", "sd")
MOST_BYTES = 1 << 20
MOST_CLAIMS = 1000
"""Every two of them are compared."""
WHOLE = re.compile(r"0*[1-9][0-9]{0,11}")


@dataclass(frozen=True)
class Claim:
    """`accuracy` percent of `images` right, the mean over `seeds` runs; `sd` is their spread in points, if told."""

    name: str
    accuracy: float
    images: int
    seeds: int = 1
    sd: float | None = None

    @property
    def spread(self) -> float:
        """The sd over seeds in points: as told, or as small classifiers usually have it, √(err · (1 − err) / 2n).

        Source: K. Jordan, Calibrated chaos: variance between runs of neural network training is harmless and
        inevitable, arXiv 2304.01910. An error of less than one image counts as one.
        """
        if self.sd is not None:
            return self.sd
        wrong = max(1 - self.accuracy / 100, 1 / self.images)
        right = max(self.accuracy / 100, 1 / self.images)
        return 100 * math.sqrt(min(wrong * right, 0.25) / (2 * self.images))


def read(path: Path) -> list[Claim]:
    """The claims of a file; raises `SpecError` with the line and what was expected there."""
    try:
        text = files.content(path, MOST_BYTES).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise SpecError(f"cannot read the claims {path}: expected text in UTF-8; save it as CSV in UTF-8") from None
    except OSError as error:
        raise SpecError(f"cannot read the claims {path}: {(error.strerror or str(error)).lower()}") from None
    return parse(text, str(path))


def parse(text: str, where: str = "claims") -> list[Claim]:
    """The claims of CSV text with a header; `where` names the file in errors."""
    separator = max(",;\t", key=text.partition("\n")[0].count)
    rows = csv.DictReader(io.StringIO(text), delimiter=separator, skipinitialspace=True)
    try:
        claims = list(_claims(rows, where))
    except csv.Error as error:
        raise SpecError(f"{where}, line {rows.line_num}: {error}") from None
    twice = next((name for name, count in Counter(claim.name for claim in claims).items() if count > 1), None)
    if twice is not None:
        raise SpecError(f"{where}: the name {short(twice)} stands twice")
    if not 2 <= len(claims) <= MOST_CLAIMS:
        raise SpecError(f"{where}: expected 2 to {MOST_CLAIMS:,} claims to compare, got {len(claims):,}")
    return _in_percent(claims, where)


def _claims(rows: csv.DictReader[str], where: str) -> Iterator[Claim]:
    heads = [head.strip().lower() for head in rows.fieldnames or []]
    rows.fieldnames = heads
    if not set(NEEDED) <= set(heads):
        got = ", ".join(heads)[:200] or "nothing"
        raise SpecError(
            f"{where}: expected the columns {', '.join(NEEDED)} and perhaps {' and '.join(OPTIONAL)}, got {got}"
        )
    for row in rows:
        yield _claim(row, f"{where}, line {rows.line_num}")


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


def _claim(row: dict[str, str | None], where: str) -> Claim:
    name = (row["name"] or "").strip()
    if not name:
        raise SpecError(f"{where}: expected a name, got nothing")
    accuracy = _number(row, "accuracy", where, 0, 100)
    seeds, sd = _given(row, "seeds"), _given(row, "sd")
    return Claim(
        name,
        accuracy,
        _whole(row, "n", where),
        _whole(row, "seeds", where) if seeds else 1,
        _number(row, "sd", where, 0, 100) if sd else None,
    )


def _given(row: dict[str, str | None], column: str) -> bool:
    return bool((row.get(column) or "").strip())


def _number(row: dict[str, str | None], column: str, where: str, low: float, high: float) -> float:
    text = (row[column] or "").strip()
    try:
        value = float(text.removesuffix("%").replace(",", "."))
    except ValueError:
        value = math.nan
    if not low <= value <= high:
        raise SpecError(f"{where}: {column}: expected a number from {low:g} to {high:g}, got {text[:40] or 'nothing'}")
    return value


def _whole(row: dict[str, str | None], column: str, where: str) -> int:
    text = (row[column] or "").strip().replace(",", "").replace("_", "")
    if not WHOLE.fullmatch(text):
        raise SpecError(f"{where}: {column}: expected a whole number from 1 on, got {text[:40] or 'nothing'}")
    return int(text)
