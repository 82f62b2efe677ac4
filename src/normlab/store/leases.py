"""Who makes which run: a file a lease, so that processes on any machine that sees the folder can share a study.

A lease is taken by giving a file its name, which one process alone succeeds in, and renewed by touching it. It is
nobody's any more when its process is gone, if that was on this machine, or when it was not touched for a minute, by the
clock of whoever looks: what other machines' clocks say does not matter, nor does a clock that jumps. SQLite is not
asked, whose locks network file systems may not keep. Two may take one lease in a rare race; a run that is made twice is
kept once.
"""

from __future__ import annotations

import json
import os
import secrets
import socket
import time
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from normlab import leftovers
from normlab.store.trouble import plain_errors

FOLDER, ENDING = "leases", ".lease"
EXPIRY = 60.0
"""Seconds without a touch after which a lease is nobody's, wherever its process is, and whether it is stopped."""
RENEWAL = 10.0
"""Seconds between two touches."""


@dataclass
class Leases:
    """Those of a project that this object took, and its view of the others'."""

    project: Path
    name: str = field(default_factory=lambda: secrets.token_hex(8))
    own: set[str] = field(default_factory=set)
    seen: dict[str, tuple[int, float]] = field(default_factory=dict)
    renewed: float = field(default_factory=time.monotonic)

    def take(self, key: str) -> bool:
        """Whether the run is this one's now; raises `StoreError` where the folder cannot be written."""
        with plain_errors(self.project):
            taken = self._make(key) or (self._abandoned(key) and self._clear(key) and self._make(key))
        if taken:
            self.own.add(key)
        return taken

    def give_back(self, key: str) -> None:
        """Whoever likes may take it."""
        if key in self.own:
            self.own.discard(key)
            with suppress(OSError):
                self._path(key).unlink()

    def renew(self) -> None:
        """Touch what is held, if it is time."""
        if time.monotonic() - self.renewed < RENEWAL:
            return
        self.renewed = time.monotonic()
        for key in tuple(self.own):  # a thread may renew while another takes
            with suppress(OSError):
                os.utime(self._path(key))

    def sweep(self, kept: Collection[str]) -> None:
        """Remove what is left of processes that are gone, and the leases of runs that are kept: nobody makes those."""
        leftovers.sweep(self.project / FOLDER)
        for path in (self.project / FOLDER).glob(f"*{ENDING}"):
            if path.stem not in self.own and (path.stem in kept or self._abandoned(path.stem)):
                with suppress(OSError):
                    self._clear(path.stem)

    def leased(self) -> list[str]:
        """The keys of all leases, whoever has them."""
        return sorted(path.stem for path in (self.project / FOLDER).glob(f"*{ENDING}"))

    def _make(self, key: str) -> bool:
        """Put the lease in its place, whole: one whose process was killed while it wrote would say nobody's name."""
        path = self._path(key)
        if path.exists():
            return False
        path.parent.mkdir(parents=True, exist_ok=True)
        with leftovers.file(path) as (file, temporary):
            file.write(json.dumps({"name": self.name, "where": _here(), "process": _process(os.getpid())}).encode())
            file.flush()
            return _put(temporary, path)

    def _abandoned(self, key: str) -> bool:
        try:
            holder, touched = self._holder(key), self._path(key).stat().st_mtime_ns
        except FileNotFoundError:
            return False  # given back just now: whoever is next may have it
        process = holder.get("process")
        if process and holder.get("where") == _here() and _process(process[0]) != process:
            return True
        before, since = self.seen.get(key, (0, 0.0))
        if before != touched:
            self.seen[key] = touched, time.monotonic()
            return False
        return time.monotonic() - since > EXPIRY

    def _clear(self, key: str) -> bool:
        """Take an abandoned lease away; of several who try, one succeeds."""
        aside = self._path(key).with_suffix(f".{self.name}")
        try:
            self._path(key).replace(aside)
        except FileNotFoundError:
            return False
        aside.unlink()
        return True

    def _holder(self, key: str) -> dict[str, Any]:
        """Who has it; nobody knows yet while its file is being written."""
        try:
            found = json.loads(self._path(key).read_text(encoding="utf-8"))
        except ValueError:
            return {}
        return found if isinstance(found, dict) else {}

    def _path(self, key: str) -> Path:
        return self.project / FOLDER / f"{key}{ENDING}"


def _put(temporary: Path, path: Path) -> bool:
    """Whether the file has its second name now, which it gets if nobody else has it."""
    try:
        os.link(temporary, path)
    except FileExistsError:
        return False
    except OSError:  # a file system without links
        with suppress(FileExistsError), path.open("xb") as file:
            file.write(temporary.read_bytes())
            return True
        return False
    return True


@cache
def _here() -> str:
    """This machine since its start, and this one of its containers: where a process's number means something."""
    parts = [socket.gethostname()]
    with suppress(OSError):
        parts.append(Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip())
        parts.append(str(Path("/proc/self/ns/pid").stat().st_ino))
    return " ".join(parts)


def _process(number: int) -> list[int]:
    """A process that is there: its number and when it was started, in the kernel's ticks; empty where there is none."""
    try:
        fields = Path(f"/proc/{number}/stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
        return [number, int(fields[19])]
    except (OSError, IndexError):
        return []
