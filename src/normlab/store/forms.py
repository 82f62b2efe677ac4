"""What the rows of a run from outside have to be, so that the database takes them and readers take what it gives."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any

from normlab.records import Epoch, Flow, KernelSize, key_of
from normlab.seeds import source
from normlab.store import checksums
from normlab.store.rows import Row, Values

KEY = re.compile(r"[0-9a-f]{64}")
ROOT = re.compile("0|-?[1-9][0-9]{0,4000}")
OF_LISTS: Mapping[str, type] = {"epoch": Epoch, "kernel_size": KernelSize, "flow": Flow}
KINDS: Mapping[str, tuple[type, ...]] = {"int": (int,), "float": (float,), "str": (str,)}
_LONE = re.compile("[\ud800-\udfff]")
"""Halves of characters, which no text that is written has."""
LARGEST = 2**63
"""SQLite's integers are smaller in size."""


def check(row: Row, lists: Mapping[str, Sequence[Values]]) -> None:
    """Raise `ValueError` for what no run of ours has."""
    values = [getattr(row, field.name) for field in fields(Row)]
    if not KEY.fullmatch(str(row.key)) or not _fits(values, Row):
        raise ValueError("its row is none of ours")
    for table, kind in OF_LISTS.items():
        if not all(_fits(each, kind) for each in lists[table]):
            raise ValueError(f"it has a row of {table} that is none of ours")
    if len({values[0] for values in lists["epoch"]}) < len(lists["epoch"]):
        raise ValueError("it has an epoch twice")
    if len(lists["epoch"]) != row.epochs or (row.diverged_at is None and not row.epochs):
        raise ValueError("it has other epochs than its row says")
    source(row.only)
    if row.key != _key(row):
        raise ValueError("its key is another run's")


def _key(row: Row) -> str:
    """What a run with this row is known by; nothing where no run has one."""
    if not ROOT.fullmatch(row.root):
        return ""
    recipe = checksums.of_bytes(row.recipe.encode())
    others = row.seed, int(row.root), row.device, row.engine, row.data, row.after
    return key_of(recipe, *others, code=row.code, only=row.only)


def _fits(values: Sequence[Any], kind: type) -> bool:
    wanted = [str(field.type) for field in fields(kind)]
    return len(values) == len(wanted) and all(map(_is, values, wanted))


def _is(value: Any, wanted: str) -> bool:
    kind, _, empty = wanted.partition(" | ")
    if value is None:
        return empty == "None"
    if isinstance(value, bool) or not isinstance(value, KINDS[kind]):
        return False
    if isinstance(value, int):
        return -LARGEST < value < LARGEST
    return not _LONE.search(value) if isinstance(value, str) else value == value  # noqa: PLR0124 - NaN would be NULL
