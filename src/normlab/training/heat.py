"""The same steps of one network by two engines, in turns: how long an image takes each of them.

What is timed is what trains: steppers, with the job's batches, changes, optimizer and penalty. Machines have moods and
other things to do, so the engines take turns, the median of their steps counts, and the clock is this process's own.
The first steps have as few images as fill the lanes, and tell how many there is time for: a step of a large network can
take longer than the whole race should.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from statistics import median

import numpy as np

from normlab.data.batches import Batch, Batches
from normlab.data.split import Split
from normlab.errors import EngineError
from normlab.records import Job
from normlab.training.engine import Engine
from normlab.training.lanes.target import host

FEW = 8
"""Images of the first steps, at least."""
CLEAR = 1.3
"""How many times as fast one has been in every turn where two of them are enough."""
LEAST, MOST = 2, 9
"""Turns that count. One more goes before them: it compiles, and touches memory for the first time."""
STILL = 0.0
"""The learning rate: a step takes as long, and a network that stays as it is cannot diverge."""


class Retired(EngineError):
    """An engine failed on a network that it was to take; `engine` is its name."""

    def __init__(self, engine: str, job: Job, error: Exception) -> None:
        said = (str(error).splitlines() or [""])[0]
        super().__init__(f"the {engine} engine failed on {job.name}: {type(error).__name__}: {said}")
        self.engine = engine


def heat(
    engines: Sequence[Engine], job: Job, shape: tuple[int, int, int], count: int, until: float
) -> dict[str, float]:
    """Seconds of this process that an image takes, by the engine's name.

    Args:
        engines: two that cover the job.
        job: whose steps are made, on random images.
        shape: of an image, (C, H, W).
        count: images of a batch; fewer are taken where there is no time for so many.
        until: when to be over, by `time.process_time`; a step of each is made in any case.

    Raises `Retired` where an engine fails. Seeds torch's own generator.
    """
    images, whole = noise(job, shape, count)
    runners = [Runner(engine, job, images) for engine in engines]
    batch = _part(whole, max(FEW, host().lanes))
    found = _turns(runners, batch, until, most=1)
    if times := _times(sum(found.values()), until):
        batch = _part(whole, len(batch.labels) * times)
        found = _turns(runners, batch, until, MOST)
    return {name: seconds / len(batch.labels) for name, seconds in found.items()}


def noise(job: Job, shape: tuple[int, int, int], count: int) -> tuple[Split, Batch]:
    """So many random images (C, H, W) to train on, and the batch of all of them; what is judged is of no matter."""
    rng = np.random.Generator(np.random.SFC64(0))
    pixels = rng.integers(0, 256, (count, *shape), np.uint8)
    labels = rng.integers(0, job.classes, count)
    half = (0.5,) * shape[0]
    images = Split(pixels, labels, pixels[:1], labels[:1], half, half)
    return images, next(Batches(images, job.recipe, job.root).epoch(job.replicate, 1))


class Runner:
    """An engine at a network; raises `Retired` where it fails."""

    def __init__(self, engine: Engine, job: Job, images: Split) -> None:
        self.name, self.job = engine.name, job
        with self._watched():
            self.stepper = engine.stepper([job], images)
            self.stepper.begin(1)

    def step(self, batch: Batch) -> float:
        """Make a step, and give the seconds that it took this process."""
        start = time.process_time()
        with self._watched():
            self.stepper.step([batch], STILL)
        return time.process_time() - start

    @contextmanager
    def _watched(self) -> Iterator[None]:
        try:
            yield
        except Exception as error:  # whatever it is, the other engine may still train it
            raise Retired(self.name, self.job, error) from error


def _turns(runners: Sequence[Runner], batch: Batch, until: float, most: int) -> dict[str, float]:
    """Median seconds of a step, by the engine's name; no turn is begun, but the first two, that would end too late."""
    taken: list[list[float]] = []
    while len(taken) <= most and not (len(taken) > LEAST and _clear(taken[1:])):
        start = time.process_time()
        taken.append([runner.step(batch) for runner in runners])
        now = time.process_time()
        if now + (now - start) * (len(taken) > 1) > until:  # a first one alone says little of lanes, which compiles
            break
    each = zip(*(taken[1:] or taken), strict=True)
    return {runner.name: median(seconds) for runner, seconds in zip(runners, each, strict=True)}


def _clear(taken: Sequence[Sequence[float]]) -> bool:
    """Whether the same engine was much faster in every turn."""
    ratios = [first / second for first, second in taken]
    return min(ratios) >= CLEAR or max(ratios) <= 1 / CLEAR


def _times(turn: float, until: float) -> int:
    """How many times as many images there is time for in the turns that are needed, if one takes so many seconds."""
    return max(0, int((until - time.process_time()) / (turn * (1 + LEAST))))


def _part(batch: Batch, count: int) -> Batch:
    return Batch(batch.numbers[:count], batch.changes.of(slice(count)), batch.labels[:count])
