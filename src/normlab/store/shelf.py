"""Probabilities of runs, read some at a time: whoever opens those of one run mostly opens those of the next ones."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from normlab.errors import StoreError
from normlab.store.reading import ask

AHEAD = 1 << 22
"""Bytes that are read at a time, about."""
BLOBS = """
    SELECT key, CAST(probabilities AS BLOB) FROM prediction JOIN run ON run.id = prediction.run
    WHERE key IN (SELECT value FROM json_each(?))
"""


class Shelf:
    """Those of runs that were asked for together; each is given once and not kept.

    Args:
        project: whose store they are in.
        keys: the runs', in the order in which they are likely to be opened.
    """

    def __init__(self, project: Path, keys: Sequence[str] = ()) -> None:
        self.project, self.keys = project, keys
        self.places = {key: place for place, key in enumerate(keys)}
        self.ahead: dict[str, bytes] = {}

    def __reduce__(self) -> Any:
        """In another process nobody knows who opens what."""
        return Shelf, (self.project,)

    def take(self, key: str, size: int) -> bytes | None:
        """What a run has of about so many bytes, None where there is nothing; raises `StoreError`."""
        found = self.ahead.pop(key, None)
        return self._read(key, size) if found is None else found

    def _read(self, key: str, size: int) -> bytes | None:
        place = self.places.get(key, len(self.keys))
        some = self.keys[place : place + max(1, AHEAD // max(1, size))]
        try:
            fresh = self._blobs(some or [key])
        except StoreError:  # what is damaged may be another run's
            fresh = self._blobs([key])
        found = fresh.pop(key, None)
        self.ahead = fresh
        return found

    def _blobs(self, keys: Sequence[str]) -> dict[str, bytes]:
        return dict(ask(self.project, lambda db: db.execute(BLOBS, (json.dumps([*keys]),)).fetchall()))
