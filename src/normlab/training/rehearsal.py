"""A rehearsal: a few steps and one evaluation of a run on real images, before hours are spent on it."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from normlab.data import Dataset
from normlab.data.batches import Batch, Batches, judged_at_once
from normlab.data.prepare import affine, pixels
from normlab.data.resident import Resident
from normlab.data.split import Split, split
from normlab.models.vital import ailments
from normlab.records import Job
from normlab.training.beside import check_beside
from normlab.training.eager import Eager
from normlab.training.engine import Engine, Stepper
from normlab.training.footprint import footprint
from normlab.training.schedule import rate
from normlab.training.threads import threads

STEPS = 2
"""Steps that are made in any case; the first warms up and is not timed."""
MORE = 8
"""Further ones, for as long as `PATIENCE` allows: short steps are timed badly by one alone."""
PIXELS = 64_000_000
"""That the images of all steps have together, at most, those of the steps that are made in any case aside."""
PATIENCE = 0.1
"""Seconds."""
FLOAT, ROW = 4, 80
"""Bytes of a probability, and of a layer's row with its share of the page."""
LOOKED_AT = 32
"""Images that are led through the network once more to look at its norms."""


@dataclass(frozen=True)
class Rehearsal:
    """What a run is likely to take, and what a first look at it shows.

    `seconds` are of the whole run on one core or device, `memory` the bytes that a worker will hold, as
    `footprint` finds them, `disk` those that its record will take, `faults` sentences without their full stops.
    """

    seconds: float
    memory: int
    disk: int
    faults: tuple[str, ...] = ()


def rehearse(engine: Engine, job: Job, data: Dataset) -> Rehearsal:
    """Make a few steps of a job and evaluate its network on some images; nothing of it is kept.

    Raises whatever the network raises, what `Engine.stepper` raises, and `EngineError` where another engine than eager
    computes something else than eager does. Torch's random state is left as it was.
    """
    whole = split(data, job.recipe, job.root, job.division)
    few = _few(whole, data, job)
    steps, images = math.ceil(len(whole.train_labels) / job.recipe.batch_size), len(whole.judged_labels)
    with _aside(job), footprint() as held:
        stepper = engine.stepper([job], few)
        if engine.name != Eager.name:
            check_beside(stepper, job, few, steps * job.recipe.epochs)
        step, finite = _steps(stepper, few, job, steps * job.recipe.epochs)
        _last_step(stepper, few, job, len(whole.train_labels) % job.recipe.batch_size)
        judge = _seconds_of(stepper.judge) / len(few.judged_labels)
        faults = _faults(stepper.models[0], few) if finite else ("its loss is not a number after a few steps",)
        disk = _disk(stepper.models[0], images * len(data.classes), job.recipe.epochs)
    return Rehearsal(job.recipe.epochs * (steps * step + images * judge), held.bytes, disk, faults)


def _disk(model: nn.Module, probabilities: int, epochs: int) -> int:
    """Bytes of weights, of probabilities, and of a row for each layer after each epoch."""
    state = model.state_dict().values()
    return sum(int(value.nbytes) for value in state) + FLOAT * probabilities + ROW * epochs * len(state)


def _few(whole: Split, data: Dataset, job: Job) -> Split:
    """Enough images for the steps, from everywhere among them: those of folders lie by class."""
    size = job.recipe.batch_size
    more = min(MORE, PIXELS // (size * math.prod(whole.train_images.shape[1:])))
    train = _spread(len(whole.train_labels), (STEPS + more) * size)
    judged = _spread(len(whole.judged_labels), judged_at_once(whole.judged_images))
    how = job.recipe.preprocess
    return Split(
        *(pixels(whole.train_images[train], how), whole.train_labels[train]),
        *(pixels(whole.judged_images[judged], how), whole.judged_labels[judged]),
        *affine(data, how),
    )


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
    for number, batch in enumerate(islice(Batches(images, job.recipe, job.root).epoch(job.replicate, 1), STEPS + MORE)):
        speed = rate(job.recipe.schedule, job.recipe.optimizer.lr, number, steps)
        start = time.perf_counter()
        loss = float(stepper.step([batch], speed)[0, 0])  # reading it waits for a GPU
        taken.append(time.perf_counter() - start)
        if len(taken) >= STEPS and sum(taken[1:]) > PATIENCE:
            break
    return float(np.median(taken[1:] or taken)), math.isfinite(loss)


def _last_step(stepper: Stepper, images: Split, job: Job, left: int) -> None:
    """One step with as many images as an epoch's last batch has: some networks refuse a single one."""
    batch = next(Batches(images, job.recipe, job.root).epoch(job.replicate, 1))
    if 0 < left < len(batch.labels):
        short = Batch(batch.numbers[:left], batch.changes.of(slice(left)), batch.labels[:left])
        stepper.step([short], job.recipe.optimizer.lr)


def _seconds_of(call: Callable[[], object]) -> float:
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def _faults(model: nn.Module, images: Split) -> tuple[str, ...]:
    """What a look at the norms shows; nothing where that is no network as others."""
    try:
        device = next(model.parameters()).device
        shown = Resident(images.judged_images[:LOOKED_AT], images.mean, images.std, device)
        return ailments(model, next(shown.in_order()))
    except Exception:  # noqa: BLE001 - its steps and its evaluation were made, which is what counts
        return ()
