"""A table (CSV or TSV with a header) that has the path of each image and its label, perhaps also its split.

Paths are relative to the table's folder and stay in it; an absolute path is taken as it is, and said.
"""

from __future__ import annotations

import csv
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from normlab.data.layouts.folders import Filed
from normlab.data.layouts.found import SPLITS, Found, Split
from normlab.errors import DataError

DELIMITERS = {".csv": ",", ".tsv": "\t"}
PATH = ("path", "file", "filename", "file_name", "filepath", "file_path", "image", "image_path", "img")
LABEL = ("label", "class", "target", "category", "class_name", "label_name", "y")
SPLIT = ("split", "set", "subset", "partition")


def recognise(path: Path) -> Found | None:
    """A table with such columns.

    Raises `DataError` where it has none of them, where a row is not whole, or where a path leaves the folder.
    """
    if path.suffix.lower() not in DELIMITERS or not path.is_file():
        return None
    rows: dict[Split, list[tuple[str, str]]] = {}
    for split, image, label in _rows(path):
        rows.setdefault(split, []).append((image, label))
    if not rows:
        raise DataError(f"{path}: expected a row for each image, got a header alone")
    filed = {split: Filed(str(path.parent), *zip(*some, strict=True)) for split, some in rows.items()}
    outside = sum(os.path.isabs(image) for each in filed.values() for image in each.paths)
    notes = (f"{outside:,} paths are absolute and read where they point to",) if outside else ()
    files = [str(path), *(file for each in filed.values() for file in each.files)]
    return Found("table of paths", {split: each.part for split, each in filed.items()}, files, notes=notes)


def _rows(table: Path) -> Iterator[tuple[Split, str, str]]:
    """The split, the path and the label of each image."""
    try:
        with table.open(newline="", encoding="utf-8-sig") as stream:
            rows = csv.DictReader(stream, delimiter=DELIMITERS[table.suffix.lower()])
            names = {(name or "").strip().lower(): name for name in rows.fieldnames or ()}
            image, label = _column(table, names, PATH), _column(table, names, LABEL)
            split = next((names[name] for name in SPLIT if name in names), None)
            for row in rows:
                where = f"{table}, line {rows.line_num}"
                yield _split(row, split, where), *_filed(row[image], row[label], where)
    except (csv.Error, UnicodeDecodeError) as error:
        raise DataError(f"{table}: expected a table in UTF-8: {error}") from None


def _column(table: Path, names: Mapping[str, str], wanted: Sequence[str]) -> str:
    for name in wanted:
        if name in names:
            return names[name]
    raise DataError(f"{table}: expected a column called {', '.join(wanted[:-1])} or {wanted[-1]}, got {[*names]}")


def _split(row: Mapping[str, str | None], column: str | None, where: str) -> Split:
    if column is None:
        return "train"
    split = SPLITS.get((row[column] or "").strip().lower())
    if split is None:
        raise DataError(f"{where}: expected {', '.join(SPLITS)} as the split, got {row[column]!r}")
    return split


def _filed(path: str | None, label: str | None, where: str) -> tuple[str, str]:
    if not (path and path.strip() and label and label.strip()):
        raise DataError(f"{where}: expected a path and a label, got {path!r} and {label!r}")
    inside = os.path.normpath(path.strip())
    if not os.path.isabs(inside) and inside.split(os.sep)[0] == os.pardir:
        raise DataError(f"{where}: {path!r} leads out of the table's folder; give an absolute path to mean that")
    return inside, label.strip()
