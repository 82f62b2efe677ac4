"""Projects with studies in them, trained in this process."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from makers import maker

from normlab.data import Dataset
from normlab.records import Job
from normlab.spec import Study
from normlab.store import Store
from normlab.training import train
from normlab.verbs import projects
from normlab.verbs.projects import Place


def finished(out: Path, study: Study, data: Dataset, seeds: Sequence[int] = (0,)) -> Path:
    """The folder of a study whose first seeds are trained; its engine is named."""
    made = maker(study, study.engine, data.digest)
    return kept(out, study, data, [made.job(arm, seed) for seed in seeds for arm in study.arms])


def kept(out: Path, study: Study, data: Dataset, jobs: Sequence[Job]) -> Path:
    """The folder of a study of which these runs are trained."""
    place = Place(study, out)
    with Store.open(out) as store:
        for job in jobs:
            store.commit(train(job, data))
        projects.put(place, store, [job.key for job in maker(study, study.engine, data.digest).jobs()], "eager")
    return place.folder
