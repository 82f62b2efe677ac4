"""Which forms a study's numbers can be written in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from normlab.errors import SpecError, StoreError, UnknownName
from normlab.records import Comparison
from normlab.report.exports import methods_text, mlflow_database, paper, tables, tensorboard, wandb_runs
from normlab.report.exports.place import filled, written
from normlab.show.numbers import plural

WRITERS: Mapping[str, Callable[[Comparison, Path], None]] = {
    "csv": tables.write_csv,
    "parquet": tables.write_parquet,
    "tensorboard": tensorboard.write,
    "mlflow": mlflow_database.write,
    "wandb": wandb_runs.write,
    "latex": paper.write,
    "methods": methods_text.write,
}
FILES: Mapping[tuple[str, str], Callable[[Comparison], str]] = {
    ("csv", ".csv"): tables.csv_text,
    ("latex", ".tex"): paper.text,
}
"""Forms that a single file has room for, by its ending."""


@dataclass(frozen=True)
class Exported:
    """What was written: the form, where, and the files."""

    form: str
    path: Path
    files: tuple[Path, ...]

    def __str__(self) -> str:
        return f"Written: {self.path} ({plural(len(self.files), 'file')})"


def write(comparison: Comparison, form: str, path: Path) -> Exported:
    """Write a study's numbers to a folder; `csv` and `latex` also to a file, of the runs or the arms.

    Raises:
        UnknownName: there is no such form.
        SpecError: the path holds something else than an earlier export of the study in that form.
        StoreError: no run is finished, or the path cannot be written.
        MissingPackage: the form is written by a package that is not there.
    """
    if form not in WRITERS:
        raise UnknownName("form", form, WRITERS)
    study = comparison.study.name
    if not any(run.diverged_at is None for run in comparison.runs):
        raise StoreError(f"nothing to export of {study}: no run is finished; train first: normlab compare {study}")
    if path.suffix in {ending for _, ending in FILES}:
        return Exported(form, path, written(path, _text(comparison, form, path)))
    return Exported(form, path, filled(path, f"{form} of {study}", partial(WRITERS[form], comparison)))


def _text(comparison: Comparison, form: str, path: Path) -> str:
    if (form, path.suffix) not in FILES:
        raise SpecError(f"{form} is not written to a file {path.name}: name a folder")
    return FILES[form, path.suffix](comparison)
