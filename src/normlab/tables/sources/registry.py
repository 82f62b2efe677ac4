"""Which tool a file or folder is of: the first that takes it counts, and what else is there is said."""

from __future__ import annotations

import stat
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from normlab.errors import SpecError
from normlab.tables import files
from normlab.tables.sources import (
    hydra,
    json_files,
    lightning,
    mlflow_database,
    mlflow_files,
    optuna_database,
    optuna_journal,
    sqlite,
    tensorboard,
    wandb_exports,
    wandb_runs,
)
from normlab.tables.sources.columns import table
from normlab.tables.sources.folder import Folder, listed
from normlab.tables.sources.found import Found
from normlab.tables.table import Table


class Filled(NamedTuple):
    """A tool that fills folders: what its runs are called here, whether it has filled one, and its runs."""

    kind: str
    takes: Callable[[Folder], bool]
    read: Callable[[Folder], Found]


WANDB = Filled(wandb_runs.KIND, wandb_runs.takes, wandb_runs.read)
TENSORBOARD = Filled(tensorboard.KIND, tensorboard.takes, tensorboard.read)
FOLDERS = (
    Filled(hydra.KIND, hydra.takes, hydra.read),
    Filled(mlflow_files.KIND, mlflow_files.takes, mlflow_files.read),
    WANDB,
    Filled(lightning.KIND, lightning.takes, lightning.read),
    TENSORBOARD,
)
"""In this order: Hydra's jobs may hold what the others write, and Lightning's runs event files beside their CSV."""
DATABASES = ((mlflow_database.TABLES, mlflow_database.read), (optuna_database.TABLES, optuna_database.read))

ALONE = (".db", ".sqlite", ".sqlite3", ".csv", ".tsv", ".json", *files.LINES)
"""Endings of files that say enough by themselves."""


def read(path: Path) -> Table:
    """The table of what lies at a path; raises `SpecError` for what none of the tools leaves, and no table is.

    `MissingPackage` where a file can only be read with a package that is not there.
    """
    try:
        mode = path.stat().st_mode
    except OSError as error:
        raise SpecError(f"cannot read the table {path}: {(error.strerror or str(error)).lower()}") from None
    if stat.S_ISDIR(mode):
        return _of_folder(path)
    if not stat.S_ISREG(mode):
        raise SpecError(f"cannot read the table {path}: expected a file or a folder, got a device or a pipe")
    return _of_file(path)


def _of_file(path: Path) -> Table:
    found = _database(path) if _start(path) == sqlite.MAGIC else _found(path)
    if found is not None:
        return table(found, str(path))
    return json_files.read(path) if path.suffix.lower() == ".json" else _exported(files.read(path))


def _start(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(len(sqlite.MAGIC))
    except OSError as error:
        raise SpecError(f"cannot read the table {path}: {(error.strerror or str(error)).lower()}") from None


def _found(path: Path) -> Found | None:
    if optuna_journal.takes(path):
        return optuna_journal.read(path)
    alone = Folder(path.parent, (path,))
    return next((each.read(alone) for each in (WANDB, TENSORBOARD) if each.takes(alone)), None)


def _exported(read_table: Table) -> Table:
    if wandb_exports.takes_runs(read_table):
        return table(wandb_exports.runs(read_table), read_table.where)
    if wandb_exports.takes_chart(read_table):
        return table(wandb_exports.chart(read_table), read_table.where)
    return read_table


def _of_folder(path: Path) -> Table:
    folder = listed(path)
    fitting = [each for each in FOLDERS if each.takes(folder)]
    if fitting:
        found = fitting[0].read(folder)
        others = [f"{each.kind} are there too, and are not read" for each in fitting[1:]]
        return table(replace(found, notes=[*found.notes, *others]), str(path))
    return _only_file(folder)


def _only_file(folder: Folder) -> Table:
    """A folder may hold one table, database or journal, and nothing else of a tool's."""
    known = [path for path in folder.files if path.suffix.lower() in ALONE or _journal(path)]
    if len(known) == 1:
        return _of_file(known[0])
    several = f"several: {', '.join(path.name for path in known[:3])}; name one" if known else "none of these"
    raise SpecError(f"{folder.path}: expected {_kinds()}, got {several if folder.files else 'an empty folder'}")


def _journal(path: Path) -> bool:
    return path.suffix == ".log" and optuna_journal.takes(path)


def _kinds() -> str:
    kinds: Sequence[str] = [each.kind for each in FOLDERS]
    return f"{', '.join(kinds)}, or a database of MLflow's or Optuna's"


def _database(path: Path) -> Found:
    with sqlite.opened(path) as database:
        there = sqlite.tables(database)
        for wanted, read_database in DATABASES:
            if wanted <= there:
                return read_database(database)
    raise SpecError(f"{path}: expected a database of MLflow's or Optuna's, got other tables")
