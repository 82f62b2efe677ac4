"""A parser under fire: each case gives a value or an error of ours, in time and within memory."""

from __future__ import annotations

import os
import resource
import signal
import struct
import tempfile
import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from mutations import mutated

from normlab.errors import NormlabError

SECONDS = 10
"""That a case may take."""
MEMORY = 1 << 30
"""Bytes that it may take beside what the process had."""
TRACED = 3
"""Lines of a traceback that are shown."""


@dataclass(frozen=True)
class Parser:
    """What is tried: whole files, how one is made of changed bytes, and what reads it, in a folder of its own."""

    name: str
    seeds: Callable[[], Sequence[bytes]]
    read: Callable[[bytes, Path], Any]
    dressed: Callable[[Random, bytes], bytes] = lambda _, content: content

    def case(self, number: int, seeds: Sequence[bytes]) -> bytes:
        """The same for the same number, on every machine."""
        draw = Random(f"{self.name} {number}")  # noqa: S311 - not to keep secrets
        return self.dressed(draw, mutated(draw, seeds))


@dataclass
class Tally:
    """What became of the cases: how many gave a value or an error of ours, and what else was raised, by what it is."""

    values: int = 0
    refusals: int = 0
    slowest: float = 0.0
    faults: dict[str, int] = field(default_factory=dict)
    first: dict[str, int] = field(default_factory=dict)


class Overtime(BaseException):
    """A case that is not done in time; nothing that catches errors catches it."""


def tried(parser: Parser, first: int, end: int, mark: Path) -> Tally:
    """The cases from `first` on; `mark` always has the number of the one under way, also after a crash."""
    seeds, tally = [*parser.seeds()], Tally()
    signal.signal(signal.SIGALRM, _overtime)
    _limit_memory()
    handle = os.open(mark, os.O_WRONLY | os.O_CREAT)
    with tempfile.TemporaryDirectory(dir=_fast()) as folder:
        for number in range(first, end):
            os.pwrite(handle, struct.pack("<Q", number), 0)
            _try(parser, parser.case(number, seeds), Path(folder), number, tally)
    os.close(handle)
    return tally


def _try(parser: Parser, case: bytes, folder: Path, number: int, tally: Tally) -> None:
    started = time.perf_counter()
    signal.setitimer(signal.ITIMER_REAL, SECONDS)
    try:
        parser.read(case, folder)
        tally.values += 1
    except NormlabError as error:
        tally.refusals += 1
        if not str(error):
            _fault(tally, "an error without a word", number)
    except (Exception, Overtime) as error:  # noqa: BLE001 - whatever it is, it is what is looked for
        _fault(tally, _told(error), number)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        tally.slowest = max(tally.slowest, time.perf_counter() - started)


def _fault(tally: Tally, what: str, number: int) -> None:
    tally.faults[what] = tally.faults.get(what, 0) + 1
    tally.first.setdefault(what, number)


def _told(error: BaseException) -> str:
    """What was raised, and where in normlab."""
    ours = [frame for frame in traceback.extract_tb(error.__traceback__) if "/normlab/" in frame.filename]
    where = " ◀ ".join(f"{Path(frame.filename).name}:{frame.lineno}" for frame in reversed(ours[-TRACED:]))
    return f"{type(error).__name__} in {where or 'no file of ours'}"


def _overtime(*_: object) -> None:
    raise Overtime(f"more than {SECONDS} seconds")


def _limit_memory() -> None:
    """An allocation beyond it raises `MemoryError`, which is a fault."""
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    most = pages * resource.getpagesize() + MEMORY
    resource.setrlimit(resource.RLIMIT_AS, (most, resource.getrlimit(resource.RLIMIT_AS)[1]))


def _fast() -> str | None:
    """A folder in memory, where there is one."""
    return "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108 - a folder of our own in it
