"""What whoever judges a study wants made next: a file in its folder, for workers that open no database.

Whether an arm is settled, and from which weights a path goes on, stands in the database alone. The file is touched as
leases are and believed for as long: a minute after its last touch nobody judges any more.
"""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from numpy.typing import NDArray
from safetensors.numpy import load

from normlab import files
from normlab.errors import StoreError
from normlab.files import Footprint
from normlab.records import Job
from normlab.store import checksums, weights
from normlab.store.leases import EXPIRY, RENEWAL
from normlab.store.trouble import plain_errors

NAME = "wanted.json"
SHA256 = re.compile("[0-9a-f]{64}")
WITHDRAWN = 5.0
"""Seconds after the file is gone; another who judges the same study puts it there again."""
MOST = 64 * 2**20
"""Bytes of the file, at most: a run takes 70, and one that goes on from another 200."""


@dataclass(frozen=True)
class Origin(Mapping[str, NDArray[Any]]):
    """The weights of a run that is kept, by state-dict names; they are read where they are first looked at.

    `checksum` is the SHA-256 that its file has to have; where it has not, or is not there, looking raises `StoreError`.
    """

    project: Path
    key: str
    checksum: str

    @cached_property
    def _read(self) -> dict[str, NDArray[Any]]:
        try:
            payload = weights.read(self.project, self.key)
        except OSError as error:
            raise StoreError(f"run {self.key[:12]}: its weights, to go on from: {error.strerror}") from None
        if checksums.of_bytes(payload) != self.checksum:
            raise StoreError(f"run {self.key[:12]}: its weights, to go on from, were changed")
        return load(payload)

    def __getitem__(self, name: str) -> NDArray[Any]:
        return self._read[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._read)

    def __len__(self) -> int:
        return len(self._read)


@dataclass
class Wanting:
    """The word of whoever judges a study, in its folder, from the first `post` to `withdraw`."""

    folder: Path
    said: list[tuple[str, str]] | None = None
    sums: dict[str, str] = field(default_factory=dict)
    touched: float = 0.0

    def post(self, jobs: Sequence[Job]) -> None:
        """These runs are wanted, in this order; raises `StoreError` where the folder cannot be written."""
        said = [(job.key, job.origin) for job in jobs]
        if said == self.said:
            return
        self.sums = {job.origin: self._sum(job) for job in jobs if job.origin}
        rows = [[key, origin, self.sums.get(origin, "")] for key, origin in said]
        with plain_errors(self.folder):
            files.write(self.folder / NAME, json.dumps(rows).encode(), durable=False)
        self.said, self.touched = said, time.monotonic()

    def renew(self) -> None:
        """Whoever judges is still there; touches the file if it is time."""
        path = self.folder / NAME
        if self.said is not None and not path.exists():
            self.said = None  # who judged beside us has taken it away: it is said again
        elif self.said is not None and time.monotonic() - self.touched >= RENEWAL:
            self.touched = time.monotonic()
            with suppress(OSError):
                os.utime(path)

    def withdraw(self) -> None:
        """Nobody judges any more."""
        if self.touched:
            self.said, self.touched = None, 0.0
            with suppress(OSError):
                (self.folder / NAME).unlink()

    def _sum(self, job: Job) -> str:
        return self.sums.get(job.origin) or checksums.of_bytes(weights.packed(job.start or {}))


@dataclass
class Wanted:
    """What a worker hears of it."""

    folder: Path
    seen: Footprint | None = None
    rows: dict[str, Origin | None] = field(default_factory=dict)
    heard: float = field(default_factory=time.monotonic)
    ever: bool = False

    def runs(self) -> Mapping[str, Origin | None]:
        """The keys of what is wanted, in order, and what each starts from; raises `StoreError` for another file."""
        try:
            now: Footprint | None = files.footprint(self.folder / NAME)
        except OSError:
            now = None
        if now != self.seen:
            self.rows = self._rows() if now else {}
            self.seen, self.ever = now, True
            self.heard = time.monotonic() - (0 if now else EXPIRY - WITHDRAWN)
        return self.rows

    @property
    def silent(self) -> bool:
        """Whether nobody has said anything for a minute, or has withdrawn it and said nothing since."""
        return time.monotonic() - self.heard > EXPIRY

    def _rows(self) -> dict[str, Origin | None]:
        path = self.folder / NAME
        try:
            rows = json.loads(files.content(path, MOST))
        except FileNotFoundError:
            return {}  # withdrawn this moment
        except (OSError, ValueError, RecursionError) as error:
            raise StoreError(f"{path} cannot be read: {error}") from None
        if not isinstance(rows, list) or not all(map(_is_row, rows)):
            raise StoreError(f"{path} is not as normlab writes it: `normlab compare` writes it anew")
        return {key: Origin(self.folder.parent, origin, checksum) if origin else None for key, origin, checksum in rows}


def _is_row(row: object) -> bool:
    if not (isinstance(row, list) and len(row) == 3 and all(isinstance(each, str) for each in row)):
        return False
    key, *origin = row
    return bool(SHA256.fullmatch(key)) and (not any(origin) or all(map(SHA256.fullmatch, origin)))
