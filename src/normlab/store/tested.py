"""Accuracies on the test images of runs that were chosen on held-out ones."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping

from normlab.records import Job
from normlab.store import checksums, rows

Counts = tuple[int, int]


def of(db: sqlite3.Connection, job: Job, number: int) -> Counts | None:
    """A run's (correct, images) by its row's number, None where it was not tested; raises `DamagedRun`."""
    found = db.execute("SELECT correct, images, checksum FROM tested WHERE run = ?", (number,)).fetchone()
    if found is None:
        return None
    correct, images, checksum = found
    if checksums.of_values([job.key, correct, images]) != checksum:
        raise rows.damaged(job, "its accuracy on the test images was changed")
    return correct, images


def keep(db: sqlite3.Connection, counts: Mapping[str, Counts]) -> None:
    """Keep (correct, images) by the keys of runs that are here."""
    db.executemany(
        "INSERT OR REPLACE INTO tested SELECT id, ?, ?, ? FROM run WHERE key = ?",
        [(*pair, checksums.of_values([key, *pair]), key) for key, pair in counts.items()],
    )
