"""How well the norms of finished runs are, looked at once and remembered."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import asdict

from normlab.records import Checkup, Job
from normlab.store import checksums, rows


def of(db: sqlite3.Connection, job: Job, number: int) -> Checkup | None:
    """A run's by its row's number, None where nobody looked; raises `DamagedRun`."""
    row = db.execute("SELECT found, checksum FROM checkup WHERE run = ?", (number,)).fetchone()
    if row is None:
        return None
    found, checksum = row
    if checksums.of_values([job.key, found]) != checksum:
        raise rows.damaged(job, "what was found of its norms was changed")
    with rows.understood(job, "what was found of its norms"):
        return Checkup(**json.loads(found))


def keep(db: sqlite3.Connection, found: Mapping[str, Checkup]) -> None:
    """Keep what was found by the keys of runs that are here."""
    texts = {key: json.dumps(asdict(checkup)) for key, checkup in found.items()}
    db.executemany(
        "INSERT OR REPLACE INTO checkup SELECT id, ?, ? FROM run WHERE key = ?",
        [(text, checksums.of_values([key, text]), key) for key, text in texts.items()],
    )
