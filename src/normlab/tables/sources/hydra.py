"""Hydra's jobs: a folder with `.hydra/config.yaml` each, and beside it whatever numbers the job has written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from normlab.tables.sources import rows, tensorboard, yaml_files
from normlab.tables.sources.folder import Folder
from normlab.tables.sources.found import Found, FoundRun, Measure, Plain, flat, left_out

KIND = "Hydra's jobs"
OVERRIDES = ".hydra/overrides.yaml"
WRITTEN: Mapping[str, Callable[[Path], dict[str, Measure]]] = {
    "metrics.csv": rows.from_csv,
    "metrics.json": rows.from_json,
    "results.json": rows.from_json,
    "*.jsonl": rows.from_lines,
    "*.csv": rows.from_csv,
}
"""Where numbers are looked for, in this order; then in TensorBoard's event files."""


def takes(folder: Folder) -> bool:
    """Whether a job lies in it."""
    return bool(folder.called(OVERRIDES))


def read(folder: Folder) -> Found:
    """A run for each job that has written numbers.

    Raises:
        MissingPackage: PyYAML is not there.
        SpecError: a file that cannot be read.
    """
    why, runs = Counter[str](), []
    for path in folder.called(OVERRIDES):
        job = folder.under(path.parent.parent)
        measured = _measured(job)
        if measured:
            runs.append(FoundRun(job.path.relative_to(folder.path).as_posix(), _config(path, job), measured))
        else:
            why[f"no numbers in {', '.join(WRITTEN)} or event files"] += 1
    return Found(KIND, runs, notes=left_out(why))


def _config(overrides: Path, job: Folder) -> dict[str, Plain]:
    """The configuration, and what was said for this job: a group's choice `model=small` is in the latter alone."""
    whole = overrides.with_name("config.yaml")
    config = flat(yaml_files.load(whole)) if whole in job.files else {}
    groups = {name: value for name, value in _pairs(yaml_files.load(overrides)) if name not in config}
    return {**groups, **config}


def _pairs(overrides: Any) -> list[tuple[str, str]]:
    listed = overrides if isinstance(overrides, list) else ()
    said = [str(each).lstrip("+~").partition("=") for each in listed]
    return [(name, value) for name, _, value in said]


def _measured(job: Folder) -> dict[str, Measure]:
    for pattern, read_file in WRITTEN.items():
        for path in job.called(pattern):
            if found := read_file(path):
                return found
    return {name: each for run in tensorboard.read(job).runs for name, each in run.measured.items()}
