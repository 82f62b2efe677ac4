"""Runs of a function of one's own, a line of JSON each: what was asked for, what came, and a checksum of both."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from normlab.errors import StoreError

CHECK = "check"


class Log:
    """The runs in a file, by key. Each is on the disk before the next one starts.

    A line that an interruption cut short is left out, as its run never ended. Raises `StoreError` for a file that
    cannot be read, and for a line that is not as it was written.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.runs: dict[str, dict[str, Any]] = {run["key"]: run for run in self._read()}

    def add(self, key: str, run: Mapping[str, Any]) -> None:
        """Keep a run; raises `StoreError` where it cannot be written."""
        kept = {"key": key, **run}
        line = json.dumps({**kept, CHECK: _checksum(kept)}, allow_nan=False, ensure_ascii=False)
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with self.path.open("a", encoding="utf-8") as file:
                file.write(line + "\n")
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise StoreError(f"cannot write {self.path}: {error.strerror or error}") from None
        self.runs[key] = kept

    def _read(self) -> Iterator[dict[str, Any]]:
        try:
            text = self.path.read_bytes() if self.path.exists() else b""
        except OSError as error:
            raise StoreError(f"cannot read {self.path}: {error.strerror or error}") from None
        whole, _, cut = text.rpartition(b"\n")
        if cut:
            self._shorten(len(text) - len(cut))
        for number, line in enumerate(whole.splitlines(), start=1):
            yield self._run(line, number)

    def _run(self, line: bytes, number: int) -> dict[str, Any]:
        try:
            run: dict[str, Any] = json.loads(line)
            check = run.pop(CHECK)
        except (ValueError, KeyError, AttributeError, TypeError):
            check = run = {}
        if check != _checksum(run) or not run:
            raise StoreError(
                f"{self.path}, line {number}: not as it was written; delete the line to make its run again"
            )
        return run

    def _shorten(self, length: int) -> None:
        """Take away what was cut short, so that the next line begins on its own."""
        with self.path.open("r+b") as file:
            file.truncate(length)


def _checksum(run: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(run, sort_keys=True, ensure_ascii=False).encode()).hexdigest()[:16]
