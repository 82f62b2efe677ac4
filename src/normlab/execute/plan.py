"""Which runs a study consists of, and which of them are still owed."""

from __future__ import annotations

from collections.abc import Set as AbstractSet

from normlab.records import Job
from normlab.spec import Study


def jobs(study: Study) -> list[Job]:
    """Every run: all arms of the first seed, then all of the next, so that a study cut short is still paired."""
    return [
        Job(study.recipe, arm, seed, study.root, study.device, study.engine)
        for seed in study.seeds
        for arm in study.arms
    ]


def owed(study: Study, done: AbstractSet[tuple[str, int]]) -> list[Job]:
    """The runs without a record, in the order of `jobs`."""
    return [job for job in jobs(study) if (job.arm.name, job.seed) not in done]
