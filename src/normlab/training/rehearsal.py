"""A rehearsal: a few steps and one evaluation of a run on real images, before hours are spent on it."""

from __future__ import annotations

import math
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import islice

import numpy as np
import torch
from numpy.typing import NDArray

from normlab.data import Dataset
from normlab.data.batches import JUDGED_AT_ONCE, Batches
from normlab.data.prepare import prepare
from normlab.data.preprocess import Standardize
from normlab.data.split import Split, split
from normlab.models.vital import ailments
from normlab.records import Job
from normlab.training.beside import check_beside
from normlab.training.eager import Eager
from normlab.training.engine import Engine, Stepper
from normlab.training.schedule import rate
from normlab.training.threads import threads

STEPS = 2
"""Steps that are made in any case; the first warms up and is not timed."""
MORE = 8
"""Further ones, for as long as `PATIENCE` allows: short steps are timed badly by one alone."""
PATIENCE = 0.1
"""Seconds."""
LOOKED_AT = 32
"""Images that are led through the network once more to look at its norms."""


@dataclass(frozen=True)
class Rehearsal:
    """What a run is likely to take, and what a first look at it shows.

    `seconds` are of the whole run on one core or device, `memory` the bytes that its process will have held at most,
    `faults` sentences without their full stops.
    """

    seconds: float
    memory: int
    faults: tuple[str, ...] = ()


def rehearse(engine: Engine, job: Job, data: Dataset) -> Rehearsal:
    """Make a few steps of a job and evaluate its network on some images; nothing of it is kept.

    Raises whatever the network raises, what `Engine.stepper` raises, and `EngineError` where another engine than eager
    computes something else than eager does. Torch's random state is left as it was.
    """
    whole, few = split(data, job.recipe, job.root), _few(data, job)
    steps, images = math.ceil(len(whole.train_labels) / job.recipe.batch_size), len(whole.judged_labels)
    with _aside(job):
        stepper = engine.stepper([job], few)
        if engine.name != Eager.name:
            check_beside(stepper, job, few, steps * job.recipe.epochs)
        step, finite = _steps(stepper, few, job, steps * job.recipe.epochs)
        judge = _seconds_of(stepper.judge) / len(few.judged_labels)
        faults = ailments(stepper.models[0], _seen(few)) if finite else ("its loss is not a number after a few steps",)
    return Rehearsal(job.recipe.epochs * (steps * step + images * judge), _peak(), faults)


def _few(data: Dataset, job: Job) -> Split:
    """Enough images for the steps, from everywhere among them: those of folders lie by class."""
    train, judged = (
        _spread(len(of), count)
        for of, count in (
            (data.train_labels, (STEPS + MORE) * job.recipe.batch_size),
            (data.test_labels, JUDGED_AT_ONCE),
        )
    )
    few = replace(
        data,
        train_images=data.train_images[train],
        train_labels=data.train_labels[train],
        test_images=data.test_images[judged],
        test_labels=data.test_labels[judged],
    )
    seen = prepare(few, job.recipe.preprocess)
    return Split(seen.train_images, seen.train_labels, seen.test_images, seen.test_labels, seen.mean, seen.std)


def _spread(images: int, count: int) -> NDArray[np.int64]:
    return np.linspace(0, images - 1, min(count, images)).astype(np.int64)


@contextmanager
def _aside(job: Job) -> Iterator[None]:
    """One thread, as a worker has, and torch's random state as it was behind."""
    devices = range(torch.cuda.device_count()) if job.device == "cuda" else []
    with torch.random.fork_rng(devices=devices), threads(1):
        yield


def _steps(stepper: Stepper, images: Split, job: Job, steps: int) -> tuple[float, bool]:
    """Seconds of a step, and whether the loss stayed a number."""
    stepper.begin(1)
    taken: list[float] = []
    for number, batch in enumerate(islice(Batches(images, job.recipe, job.root).epoch(job.seed, 1), STEPS + MORE)):
        speed = rate(job.recipe.schedule, job.recipe.optimizer.lr, number, steps)
        start = time.perf_counter()
        loss = float(stepper.step([batch], speed)[0, 0])  # reading it waits for a GPU
        taken.append(time.perf_counter() - start)
        if len(taken) >= STEPS and sum(taken[1:]) > PATIENCE:
            break
    return float(np.median(taken[1:] or taken)), math.isfinite(loss)


def _seconds_of(call: Callable[[], object]) -> float:
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def _seen(images: Split) -> torch.Tensor:
    """Some images as the network sees them."""
    pixels = torch.from_numpy(images.judged_images[:LOOKED_AT].astype(np.float32))
    return Standardize(images.mean, images.std, torch.device("cpu"))(pixels)


def _peak() -> int:
    """The most bytes that this process has held; 0 where that is not known."""
    try:
        import resource
    except ImportError:  # Windows
        return 0
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
