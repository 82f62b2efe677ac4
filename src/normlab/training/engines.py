"""The engines by name. One study, one engine: its name is part of what a run is known by."""

from __future__ import annotations

from normlab.data import Dataset
from normlab.errors import UnknownName
from normlab.events import Tell, silent
from normlab.models.imports import imports
from normlab.records import Job, RunRecord
from normlab.training import loop, reference
from normlab.training.eager import Eager
from normlab.training.engine import Engine
from normlab.training.lanes.engine import Lanes
from normlab.training.memory import Memory

ENGINES: dict[str, type[Engine]] = {engine.name: engine for engine in (Lanes, Eager)}
PLAIN = "reference"
"""The plain loop, which needs no engine."""


def train(job: Job, data: Dataset, tell: Tell = silent, memory: Memory | None = None) -> RunRecord:
    """Train a run as its job's `engine` says; raises `UnknownName` for an engine that is not there.

    It goes on from what `memory` has of it, and is saved there meanwhile: by the plain loop between epochs.
    """
    if job.engine not in (*ENGINES, PLAIN):
        raise UnknownName("engine", job.engine, [*ENGINES, PLAIN])
    with imports(job.recipe.model):
        if job.engine == PLAIN:
            return reference.train(job, data, tell, memory)
        (record,) = loop.train(ENGINES[job.engine](), [job], data, tell, memory)
    return record
