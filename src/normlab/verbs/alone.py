"""The runs of a study in which one source of variance alone follows the seed, as far as the store has them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from normlab.data import Dataset
from normlab.data.split import split
from normlab.errors import SpecError
from normlab.plans import Maker
from normlab.records import Alone, Comparison, Job
from normlab.seeds import Source
from normlab.spec import Study
from normlab.store import Store


def with_alone(comparison: Comparison, made: Maker, store: Store, data: Dataset) -> Comparison:
    """The comparison with these runs beside its own; as it is where the study asks for no source."""
    return replace(comparison, alone=tuple(_of(*each, store, data) for each in made.alone().items()))


def _of(source: Source, jobs: Sequence[Job], store: Store, data: Dataset) -> Alone:
    runs = store.runs(jobs)
    labels = [split(data, run.job.recipe, run.job.root, run.job.division).judged_labels for run in runs]
    return Alone(source, runs, labels, len(jobs) - len(runs))


def refuse_tuning(study: Study) -> None:
    """Raise `SpecError` for a study that is to be tuned and asks for sources: three studies are made of it."""
    if study.sources:
        raise SpecError(
            "sources: a study that is tuned is made of three, and one has the verdicts: leave --sources out, and say "
            f"it then: normlab compare {study.name}-tuned --sources"
        )
