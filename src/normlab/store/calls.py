"""Runs of functions of one's own: kept once, found by their keys, a checksum each."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Sequence

from normlab.calls import Call, CallRecord
from normlab.errors import DamagedRun
from normlab.store import checksums
from normlab.store.rows import Values, now


def commit(db: sqlite3.Connection, record: CallRecord) -> bool:
    """Keep what a call gave; False, and nothing changes, if it is here. `ValueError` for what JSON does not hold."""
    config, seed, code = _identity(record.call)
    gave = json.dumps({**record.gave}, allow_nan=False, ensure_ascii=False)
    return insert(db, (record.key, config, seed, code, gave, float(record.seconds), now()))


def insert(db: sqlite3.Connection, values: Values) -> bool:
    """Put in a row without its number and checksum; False if its run is here."""
    row = (None, *values, checksums.of_values(values))
    return db.execute("INSERT OR IGNORE INTO call VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", row).rowcount > 0


def have(db: sqlite3.Connection, keys: Collection[str]) -> set[str]:
    """Those of these keys whose runs are here."""
    found = db.execute("SELECT key FROM call WHERE key IN (SELECT value FROM json_each(?))", (json.dumps([*keys]),))
    return {key for (key,) in found}


def records(db: sqlite3.Connection, calls: Sequence[Call]) -> list[CallRecord]:
    """What those calls gave that are here, in their order; raises `DamagedRun` for all that were changed."""
    keys = json.dumps([call.key for call in calls])
    query = "SELECT value, call.* FROM json_each(?) JOIN call ON call.key = value"
    rows = {key: tuple(values) for key, *values in db.execute(query, (keys,))}
    here = [call for call in calls if call.key in rows]
    changed = [call for call in here if not _sound(call, rows[call.key])]
    if changed:
        why = dict.fromkeys([call.key for call in changed], "its row was changed")
        raise DamagedRun({call.key: call.name for call in changed}, why)
    return [_record(call, rows[call.key]) for call in here]


def every(db: sqlite3.Connection) -> list[tuple[Values, bool]]:
    """All rows without their numbers and checksums, and whether each is as it was written."""
    found = db.execute("SELECT * FROM call ORDER BY id")
    return [(tuple(values), checksums.of_values(values) == checksum) for _, *values, checksum in found]


def drop(db: sqlite3.Connection, keys: Collection[str]) -> None:
    """Delete runs."""
    db.execute("DELETE FROM call WHERE key IN (SELECT value FROM json_each(?))", (json.dumps([*keys]),))


def _sound(call: Call, found: Values) -> bool:
    _, *values, checksum = found
    return checksums.of_values(values) == checksum and tuple(values[1:4]) == _identity(call)


def _record(call: Call, found: Values) -> CallRecord:
    gave, seconds = found[5:7]
    return CallRecord(call, json.loads(gave), seconds)


def _identity(call: Call) -> tuple[str, str, str]:
    """What a key is made of, as columns; a seed may be larger than SQLite's integers."""
    return json.dumps({**call.config}, sort_keys=True, ensure_ascii=False), str(call.seed), call.code
