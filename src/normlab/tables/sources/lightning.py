"""Lightning's CSVLogger: `lightning_logs/version_0` with `hparams.yaml` and `metrics.csv`."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from normlab.tables.sources import rows, yaml_files
from normlab.tables.sources.folder import Folder
from normlab.tables.sources.found import Found, FoundRun, flat, left_out

KIND = "Lightning's CSV logs"
HPARAMS, METRICS = "hparams.yaml", "metrics.csv"


def takes(folder: Folder) -> bool:
    """Whether hyperparameters lie beside numbers in it."""
    return any(path.with_name(METRICS) in folder.files for path in folder.called(HPARAMS))


def read(folder: Folder) -> Found:
    """A run for each `hparams.yaml`.

    Raises:
        MissingPackage: PyYAML is not there.
        SpecError: a file that cannot be read.
    """
    why, runs = Counter[str](), []
    for path in folder.called(HPARAMS):
        metrics = path.with_name(METRICS)
        if metrics in folder.files:
            runs.append(FoundRun(_name(path, folder), flat(yaml_files.load(path)), rows.from_csv(metrics)))
        else:
            why[f"no {METRICS}"] += 1
    return Found(KIND, runs, notes=left_out(why))


def _name(path: Path, folder: Folder) -> str:
    return path.parent.relative_to(folder.path).as_posix()
