"""The engines by name. One study, one engine: its name is part of the spec."""

from __future__ import annotations

from collections.abc import Callable

from normlab.data import Dataset
from normlab.errors import UnknownName
from normlab.records import Job, RunRecord
from normlab.training import eager, lanes, reference
from normlab.training.events import Watch, silent

ENGINES: dict[str, Callable[[Job, Dataset, Watch], RunRecord]] = {
    "lanes": lanes.train,
    "eager": eager.train,
    "reference": reference.train,
}


def train(job: Job, data: Dataset, watch: Watch = silent) -> RunRecord:
    """Train a run with the engine that its job names; raises `UnknownName` for an engine that is not there."""
    if job.engine not in ENGINES:
        raise UnknownName("engine", job.engine, ENGINES)
    return ENGINES[job.engine](job, data, watch)
