"""`export`: the trained network of a run as a folder of its own, for whoever is to use it."""

from __future__ import annotations

from pathlib import Path

from normlab.bundle import Bundle, write
from normlab.data import load
from normlab.events import Tell, silent
from normlab.verbs import projects
from normlab.verbs.one_run import called, find


def export(
    study: str | Path,
    arm: str | None = None,
    seed: int | None = None,
    folder: str | Path | None = None,
    *,
    out: str | Path = "normlab-out",
    onnx: bool = True,
    tell: Tell = silent,
) -> Bundle:
    """Write the network of a study's run, as trained: weights, a script that loads them, ONNX where it can be had.

    Args:
        study: its name in the project `out`, or its folder.
        arm: its name; the study's only one if left out.
        seed: the first that is finished if left out.
        folder: where to; one named after the run in `export` in the study's folder if left out.
        onnx: whether ONNX is wanted; it is left out where its packages are missing or the network cannot be written so.
        tell: told of a download (`Fetched`).

    Raises:
        StoreError: there is no study, no such run is finished, or the folder cannot be written.
        SpecError: no arm is named where there are several, or the folder holds something else. `UnknownName` where the
            arm is not there.
        Diverged: the run has no network worth keeping.
        NetworkError: the network is of one's own, and its code is no longer what it was.
        DataError: the data set cannot be had, whose mean and deviation the script says.
    """
    run, place = find(study, arm, seed, out=out), projects.find(study, Path(out))
    home = Path(folder) if folder is not None else place.folder / "export" / called(run.arm, run.seed)
    return write(run, place.study.name, load(run.job.recipe.dataset, tell), home, onnx=onnx)
