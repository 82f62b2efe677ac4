"""A race of the engines on a study's networks: how long all that its arms ask for would take each of them."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Sequence
from operator import itemgetter

import torch

from normlab.allocator import freed_memory_kept
from normlab.models.imports import imports
from normlab.records import Job
from normlab.training.engine import Engine
from normlab.training.heat import heat
from normlab.training.threads import threads
from normlab.training.work import batch, trained, work

BUDGET = 2.8
"""Seconds of this process in which all of it is to be over, whatever else the machine has to do.

A network whose first steps take longer gets these alone."""
SHARE = 0.5
"""Seconds that each of several has in any case: fewer would time how it begins."""


def race(engines: Sequence[Engine], jobs: Sequence[Job], shape: tuple[int, int, int], images: int) -> dict[str, float]:
    """Seconds of all steps on one core, by the engine's name; arms that there is no time for are taken for average.

    Args:
        engines: two that cover all jobs.
        jobs: one of each arm.
        shape: of an image, (C, H, W).
        images: trained on in an epoch, where a recipe does not say how many.

    One thread computes and freed memory is kept, as in a worker: eager took a fifth less for a network of 6.6 million
    parameters. Raises `Retired` where an engine fails. Torch's random state is left as it was.
    """
    end = time.process_time() + BUDGET
    steps, total = _steps(jobs, images), Counter[str]()
    different = _models_first({work(job): job for job in jobs}.values())
    with torch.random.fork_rng(devices=[]), threads(1), freed_memory_kept():
        for left, job in zip(range(len(different), 0, -1), different, strict=True):
            now = time.process_time()
            if total and now > end:
                break
            with imports(job.recipe.model):
                found = heat(engines, job, shape, batch(job, images), now + max(SHARE, (end - now) / left))
            total.update({name: seconds * steps[work(job)] for name, seconds in found.items()})
    return dict(total)


def _steps(jobs: Iterable[Job], images: int) -> Counter[tuple[str, str]]:
    """How often an image is stepped on, by what is done with it, over all arms."""
    found = Counter[tuple[str, str]]()
    for job in jobs:
        found[work(job)] += job.recipe.epochs * trained(job, images)
    return found


def _models_first(jobs: Iterable[Job]) -> list[Job]:
    """One of each model before a second one of any: between norms the engines differ less than between models."""
    before = Counter[tuple[str, str]]()
    ranked: list[tuple[int, Job]] = []
    for job in jobs:
        model = job.recipe.model, job.recipe.model_args
        ranked.append((before[model], job))
        before[model] += 1
    return [job for _, job in sorted(ranked, key=itemgetter(0))]
