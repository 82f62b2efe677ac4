"""Which runs a study consists of, and which of them are still owed."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import replace

from normlab.records import Job
from normlab.spec import Arm, Study


def job(study: Study, arm: Arm, seed: int, engine: str | None = None) -> Job:
    """One run of a study, with the engine that the study asks for unless another is given."""
    return Job(study.recipe, arm, seed, study.root, study.device, engine or study.engine)


def jobs(study: Study) -> list[Job]:
    """Every run: all arms of the first seed, then all of the next, so that a study cut short is still paired."""
    return [job(study, arm, seed) for seed in study.seeds for arm in study.arms]


def owed(study: Study, done: AbstractSet[tuple[str, int]], engine: str) -> list[Job]:
    """The runs without a record, in the order of `jobs`, to be trained with `engine`."""
    return [replace(each, engine=engine) for each in jobs(study) if (each.arm.name, each.seed) not in done]
