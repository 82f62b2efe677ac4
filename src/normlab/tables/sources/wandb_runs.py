"""Weights & Biases' run folders, `wandb/run-…` and `wandb/offline-run-…`: all is in the `.wandb` log of each.

A record of the log is a message of Protocol Buffers:

    Record          2: history   5: configuration   17: run (4: configuration, 8: name)   18: exit (1: code)
    history, …      1: item, repeated
    item            1: key   2: the parts of a nested one   16: value, as JSON
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from normlab.errors import SpecError
from normlab.tables.parsed import parsed
from normlab.tables.sources.folder import Folder, binary
from normlab.tables.sources.found import Found, FoundRun, flat, left_out, series
from normlab.tables.table import number
from normlab.wire.blocks import records
from normlab.wire.messages import Value, fields

KIND = "Weights & Biases' run folders"
FILES = "run-*.wandb"
HISTORY, CONFIG, RUN, EXIT = 2, 5, 17, 18


@dataclass
class _Told:
    """What a log has said so far of its run; `code` is None until that has ended, 0 if it ended well."""

    name: str
    config: dict[str, Any] = field(default_factory=dict)
    values: list[tuple[str, float, float]] = field(default_factory=list)
    code: Value | None = None

    def hear(self, kind: int, message: bytes) -> None:
        """Take in what a record of one of the four kinds says."""
        said = dict(fields(message)) if kind in (RUN, EXIT) else {}
        if kind == HISTORY:
            self.values += _measured(message, len(self.values))
        elif kind == EXIT:
            self.code = said.get(1, 0)
        else:
            self.config |= dict(_items(message if kind == CONFIG else _bytes(said.get(4, b""))))
            self.name = _bytes(said[8]).decode() if 8 in said else self.name


def takes(folder: Folder) -> bool:
    """Whether a run's log lies in it."""
    return bool(folder.called(FILES))


def read(folder: Folder) -> Found:
    """The runs that have ended well; raises `SpecError` for a log that is not as W&B writes it."""
    runs, why = [], Counter[str]()
    for path in folder.called(FILES):
        told = _told(path)
        if told.code == 0:
            config = {key: value for key, value in told.config.items() if not key.startswith("_")}
            runs.append(FoundRun(told.name, flat(config), series(told.values)))
        else:
            why["not ended" if told.code is None else "failed"] += 1
    return Found(KIND, runs, notes=left_out(why))


def _told(path: Path) -> _Told:
    told = _Told(path.stem)
    for record in records(binary(path), str(path)):
        try:
            for kind, message in fields(record):
                if kind in (HISTORY, CONFIG, RUN, EXIT):
                    told.hear(kind, _bytes(message))
        except ValueError as error:
            raise SpecError(f"{path}: expected a record of Weights & Biases, got {error}") from None
    return told


def _measured(history: bytes, place: int) -> Iterator[tuple[str, float, float]]:
    """The numbers of a step, W&B's own left out; `place` is where they stand among all."""
    for key, value in flat(dict(_items(history))).items():
        if not key.startswith("_") and (measured := number(value)) is not None:
            yield key, place, measured


def _items(message: bytes) -> Iterator[tuple[str, Any]]:
    for place, item in fields(message):
        if place == 1:
            parts = list(fields(_bytes(item)))
            key = ".".join(_bytes(value).decode() for place, value in parts if place in (1, 2))
            yield from ((key, parsed(_bytes(value))) for place, value in parts if place == 16)


def _bytes(value: Value) -> bytes:
    if not isinstance(value, bytes):
        raise ValueError("another kind of field")
    return value
