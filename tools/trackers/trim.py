"""What the real tools leave, cut to what is read and freed of the machine's names, for the tests to keep.

PYTHONPATH=.venv/trackers .venv/bin/python tools/trackers/trim.py tests/tables/found
"""

from __future__ import annotations

import re
import shutil
import sqlite3
import struct
import sys
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from leave import TOOLS

from normlab.tables.sources import mlflow_database, optuna_database

NEEDED = {
    "mlflow_sqlite": ("mlflow.db", mlflow_database.TABLES),
    "optuna_sqlite": ("study.db", optuna_database.TABLES),
}


def dump(path: Path, tables: set[str]) -> Iterator[str]:
    """Some tables as SQL, a statement a line, without places on the disk."""
    with closing(sqlite3.connect(path)) as database:
        for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
            if name not in tables:
                database.execute(f'DROP TABLE "{name}"')
        for line in database.iterdump():
            if not line.startswith("CREATE INDEX"):
                yield re.sub(r"'(?:file://)?/[^']*'", "''", re.sub(r"\s+", " ", line)).replace("'root'", "'me'")


def mlflow_files(folder: Path) -> None:
    """Tags and artifacts say who and where."""
    for tags in [*folder.rglob("tags"), *folder.rglob("artifacts")]:
        shutil.rmtree(tags)
    for meta in folder.rglob("meta.yaml"):
        meta.write_text(re.sub(r"(?m)^(artifact_uri|artifact_location|user_id): .*$", r"\1: ''", meta.read_text()))


def tensorboard(folder: Path) -> None:
    """The names of event files have time and host."""
    for place, path in enumerate(sorted(folder.rglob("*.tfevents.*"))):
        path.rename(path.with_name(f"events.out.tfevents.1.host.{place}"))


def hydra(folder: Path) -> None:
    """What Hydra says of itself has paths."""
    for path in [*folder.rglob("hydra.yaml"), *folder.rglob("multirun.yaml"), *folder.rglob("*.log")]:
        path.unlink()


def wandb(folder: Path) -> None:
    """Of a run's file the records of its configuration, its numbers and its end."""
    from wandb.proto.wandb_internal_pb2 import Record

    for path in [*folder.rglob("*")]:
        if path.is_symlink() or (path.is_file() and path.suffix != ".wandb"):
            path.unlink()
    for path in folder.rglob("*.wandb"):
        content, place, kept = path.read_bytes(), 7, b""
        while place < len(content):
            _, length, kind = struct.unpack_from("<IHB", content, place)
            record = Record.FromString(content[place + 7 : place + 7 + length])
            place += 7 + length
            if record.WhichOneof("record_type") in ("run", "history", "exit"):
                if record.HasField("run"):
                    record.run.ClearField("host")
                piece = record.SerializeToString()
                kept += struct.pack("<IHB", zlib.crc32(bytes([kind]) + piece), len(piece), kind) + piece
        path.write_bytes(content[:7] + kept)


TRIMS = {each.__name__: each for each in (mlflow_files, tensorboard, hydra, wandb)} | {
    "tensorboard_hparams": tensorboard
}


def main(home: Path) -> None:
    """Leave, trim, and put in place."""
    for name, leave in TOOLS.items():
        with tempfile.TemporaryDirectory() as made:
            leave(Path(made))
            TRIMS.get(name, lambda _: None)(Path(made))
            shutil.rmtree(home / name, ignore_errors=True)
            (home / name).mkdir(parents=True)
            if name in NEEDED:
                file, tables = NEEDED[name]
                (home / name / f"{file}.sql").write_text("\n".join(dump(Path(made) / file, tables)) + "\n")
            else:
                shutil.copytree(made, home / name, dirs_exist_ok=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
