"""Verdicts that were shown, so that seeds that come after them are judged as what they are."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection
from pathlib import Path

from normlab.records import Look
from normlab.store import checksums
from normlab.store.rows import Values
from normlab.store.trouble import damaged

AT_LEAST = 2
"""A verdict is on two arms, so a look at one of them alone has shown nothing of their difference."""


def remember(db: sqlite3.Connection, project: Path, look: Look) -> None:
    """Append a look, unless the same study was looked at with the same seeds, rules and arms before."""
    before = every(db, project)
    if any(_same(look, other) for other in before):
        return
    arrays = json.dumps(look.seeds), json.dumps(look.arms)
    values = (len(before) + 1, look.study, look.when, arrays[0], look.rules, look.pairs, arrays[1])
    db.execute("INSERT INTO look VALUES (?, ?, ?, ?, ?, ?, ?, ?)", (*values, checksums.of_values(values)))


def on(db: sqlite3.Connection, project: Path, arms: Collection[str]) -> list[Look]:
    """Those at two or more of these arms, by their recipes' digests, in order of time.

    Code and images of one's own may have been others: `analysis.looks.at` tells which are of the same.
    """
    wanted = set(arms)
    found = [look for look in every(db, project) if sum(arm in wanted for arm in look.recipes) >= AT_LEAST]
    return sorted(found, key=lambda look: look.when)


def every(db: sqlite3.Connection, project: Path) -> list[Look]:
    """All looks as they came; raises `StoreError` where one was changed or is missing."""
    found = db.execute("SELECT * FROM look ORDER BY id").fetchall()
    count = db.execute("SELECT seq FROM sqlite_sequence WHERE name = 'look'").fetchone()
    if len(found) != (count[0] if count else 0):
        raise damaged(project, "a look at a verdict is missing")
    return [_look(project, values) for values in found]


def _look(project: Path, found: Values) -> Look:
    *values, checksum = found
    if checksums.of_values(values) != checksum:
        raise damaged(project, "a look at a verdict was changed")
    _, study, when, seeds, rules, pairs, arms = values
    try:
        return Look(study, when, tuple(map(int, json.loads(seeds))), rules, pairs, tuple(map(str, json.loads(arms))))
    except (ValueError, TypeError):
        raise damaged(project, "a look at a verdict cannot be understood") from None


def _same(one: Look, other: Look) -> bool:
    return (one.study, one.rules, sorted(one.seeds), sorted(one.arms)) == (
        other.study,
        other.rules,
        sorted(other.seeds),
        sorted(other.arms),
    )
