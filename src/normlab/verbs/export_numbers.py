"""`export_numbers`: a study's numbers for other programs, papers and trackers."""

from __future__ import annotations

from pathlib import Path

from normlab.report.exports import Exported, write
from normlab.verbs import projects
from normlab.verbs.reopen import opened


def export_numbers(
    study: str | Path, to: str, path: str | Path | None = None, *, out: str | Path = "normlab-out"
) -> Exported:
    """Write what a study has measured, every epoch of every run, so that other programs read it.

    Accuracies are percent, losses means per image, seconds wall time; names are those of `StudyResult.frame`. Of a run
    that diverged the last score is NaN in trackers, and there is none in tables.

    Args:
        study: its name in the project `out`, or its folder.
        to: `csv` or `parquet`, two tidy tables, `runs` and `epochs`; `tensorboard`, `mlflow` or `wandb`, a run for each
            run, with its arm, the levels of all factors and its seed; `latex`, a table of the arms for the package
            booktabs: means, intervals and the verdict against the baseline or the best arm; `methods`, how the study
            was done: `methods.md` and `references.bib`.
        path: the folder to write to, for `csv` and `latex` also a file `.csv` or `.tex`; `export/FORM` in the study's
            folder if left out. An earlier export of the same is replaced, anything else is left alone.

    Raises:
        StoreError: there is no study, no run of it is finished, or the path cannot be written.
        UnknownName: there is no such form.
        SpecError: the path holds something else.
        MissingPackage: the form is written by a package that is not there.
    """
    place = projects.find(study, Path(out))
    return write(opened(study, out), to, Path(path) if path is not None else place.folder / "export" / to)
