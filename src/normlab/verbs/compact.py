"""`compact`: trained networks made smaller, those of a study's runs and known models with weights from a file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load_file

from normlab.compaction import Compacted
from normlab.compaction.of_run import of_run
from normlab.data import load
from normlab.errors import CompactError, SpecError
from normlab.events import Tell, silent
from normlab.models.jobs import job_of
from normlab.records import RunRecord
from normlab.spec import design
from normlab.verbs.one_run import find


def compact_run(
    study: str | Path,
    arm: str | None = None,
    seed: int | None = None,
    tell: Tell = silent,
    *,
    out: str | Path = "normlab-out",
) -> Compacted:
    """The network of a study's run, compact, and compared with the run's own on every test image.

    Args:
        study: its name in the project `out`, or its folder.
        arm: its name; the study's only one if left out.
        seed: the first that is finished if left out.
        tell: told of a download (`Fetched`).

    Raises:
        StoreError: there is no study, or no such run is finished.
        SpecError: no arm is named where there are several. `UnknownName` where the arm is not there.
        Diverged: the run has no network worth keeping.
        NetworkError, CompactError, DataError: see there.
    """
    return compact_record(find(study, arm, seed, out=out), tell)


def compact_record(record: RunRecord, tell: Tell = silent) -> Compacted:
    """As `compact_run`, for a run that is at hand."""
    return of_run(record.job, record.weights, load(record.job.recipe.dataset, tell))


def compact_file(path: Path, model: str | None, norm: str | None, dataset: str, tell: Tell = silent) -> Compacted:
    """A known model with the weights in a safetensors file, compact.

    Raises `SpecError` without model and norm or where they are unknown, and `CompactError` for a file of other weights.
    """
    if model is None or norm is None:
        raise SpecError("--model and --norm: a file of weights does not say what they belong to, give both")
    study = design(norms=[norm], l1=[0.0], seeds=[0], model=model, dataset=dataset)
    weights = weights_of(path)
    return of_run(job_of(study.arms[0].recipe, study.seeds[0], study.root), weights, load(dataset, tell))


def weights_of(path: Path) -> dict[str, NDArray[Any]]:
    """The weights in a safetensors file by name; raises `CompactError` where it is none, or of numbers numpy lacks."""
    try:
        return load_file(path)
    except (OSError, SafetensorError, TypeError, AttributeError) as error:  # the last two of a type that is lacking
        raise CompactError(f"cannot read {path}: {error}; expected a safetensors file of weights") from None
