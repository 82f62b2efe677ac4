"""A job on its way to a worker: plain values, and weights to start from as a file has them."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from normlab.records import Job
from normlab.spec import Recipe
from normlab.store.sealed import seal, unseal

APART = ("recipe", "start")
PLAIN = tuple(field.name for field in fields(Job) if field.name not in APART)


def packed(job: Job) -> bytes:
    """The job, with a checksum; the weights that a run on a path starts from are as large as the network."""
    facts = {name: getattr(job, name) for name in PLAIN}
    facts |= {"recipe": job.recipe.model_dump(mode="json"), "started": job.start is not None, "key": job.key}
    return seal(job.start or {}, facts)


def unpacked(order: bytes) -> Job:
    """The job as it was packed; raises `ValueError` where it is another one here: then normlab is another one."""
    start, facts = unseal(order)
    plain: dict[str, Any] = {name: facts[name] for name in PLAIN}
    plain["shape"] = tuple(plain["shape"])
    job = Job(recipe=Recipe.model_validate(facts["recipe"]), start=start if facts["started"] else None, **plain)
    if job.key != facts["key"]:
        raise ValueError("this normlab makes another run of the same recipe")
    return job
