"""What experiment trackers leave: event files, W&B's logs, MLflow's, Hydra's, Lightning's and Optuna's files."""

from __future__ import annotations

import shutil
import sqlite3
import struct
import zlib
from contextlib import closing
from functools import partial
from pathlib import Path
from random import Random

from harness import Parser

import normlab
from normlab.wire import blocks
from normlab.wire.records import record

FOUND = Path(__file__).parents[3] / "tests" / "tables" / "found"
SHARE = 0.7
"""Of cases whose checksums are put right."""


def _files(tool: str) -> list[Path]:
    return sorted(path for path in (FOUND / tool).rglob("*") if path.is_file())


def _database(dump: Path) -> bytes:
    with closing(sqlite3.connect(":memory:")) as made:
        made.executescript(dump.read_text())
        return made.serialize()


def _seeds(tool: str) -> list[bytes]:
    """The tool's files, each with its number before it."""
    made = [_database(path) if path.suffix == ".sql" else path.read_bytes() for path in _files(tool)]
    return [bytes([number]) + content for number, content in enumerate(made)]


def _read(tool: str, case: bytes, folder: Path) -> object:
    """The verdicts on a copy in which one file is changed."""
    home, files = folder / tool, _files(tool)
    if not home.exists():
        shutil.copytree(FOUND / tool, home)
    which = files[case[0] % len(files)] if case else files[0]
    place = home / which.relative_to(FOUND / tool)
    place = place.with_suffix("") if place.suffix == ".sql" else place
    before = place.read_bytes() if place.exists() else b""
    place.write_bytes(case[1:])
    try:
        score = "value" if "optuna" in tool else "val_acc"
        return str(normlab.judge(place if which.suffix in (".sql", ".log") else home, score=score))
    finally:
        place.write_bytes(before)


def _framed(draw: Random, case: bytes) -> bytes:
    """Event files: payloads in frames whose checksums are right."""
    if draw.random() > SHARE:
        return case
    payloads, place = [], 1
    while place + 16 <= len(case):
        (length,) = struct.unpack_from("<Q", case, place)
        payloads.append(case[place + 12 : place + 12 + length])
        place += 16 + length
    return case[:1] + b"".join(map(record, payloads))


def _blocked(draw: Random, case: bytes) -> bytes:
    """W&B's logs: pieces whose checksums are right."""
    if draw.random() > SHARE:
        return case
    mended, place = bytearray(case[: 1 + blocks.HEAD]), 1 + blocks.HEAD
    while place + blocks.PIECE.size <= len(case):
        _, length, kind = blocks.PIECE.unpack_from(case, place)
        piece = case[place + blocks.PIECE.size : place + blocks.PIECE.size + length]
        mended += blocks.PIECE.pack(zlib.crc32(bytes([kind]) + piece), len(piece), kind) + piece
        place += blocks.PIECE.size + length
    return bytes(mended)


def _of(tool: str, called: str, dressed: object = None) -> Parser:
    more = {"dressed": dressed} if dressed else {}
    return Parser(called, partial(_seeds, tool), partial(_read, tool), **more)


PARSERS = (
    _of("tensorboard_hparams", "TensorBoard", _framed),
    _of("wandb", "W&B", _blocked),
    _of("mlflow_files", "MLflow files"),
    _of("mlflow_sqlite", "MLflow database"),
    _of("lightning", "Lightning"),
    _of("hydra", "Hydra"),
    _of("optuna_sqlite", "Optuna database"),
    _of("optuna_journal", "Optuna journal"),
)
