"""The contest: every round measures every contestant with every norm, so that the machine's moods hit all alike."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import gettempdir

import numpy as np
import torch

from normlab import execution, leftovers, training
from normlab.allocator import keep_freed_memory
from normlab.bench import course_loop
from normlab.bench.floor import operations, peak
from normlab.bench.results import EAGER, LANES, LOOP, Results, Timing
from normlab.data import Dataset
from normlab.execution.spawn import context
from normlab.models import build
from normlab.records import Job
from normlab.spec import Recipe, canonical
from normlab.training.environment import environment
from normlab.training.threads import threads

Told = Callable[[str], object]


@dataclass(frozen=True)
class Contest:
    """What is measured: the course's recipe with λ = 1e-4 on all parameters, evaluation and augmentation included."""

    norms: tuple[str, ...] = ("bn", "ln", "gn")
    rounds: int = 5
    batches: int = 120
    command: str = "normlab bench"

    def job(self, norm: str, engine: str, seed: int = 0) -> Job:
        """One epoch of the course's study."""
        penalty = {"kind": "subgrad", "lambda": course_loop.LAMBDA, "on": "all"}
        recipe = Recipe.model_validate({"preset": "course", "epochs": 1, "norm": norm, "penalty": penalty})
        return Job(canonical(recipe), seed, engine=engine)

    def cut(self, data: Dataset) -> Dataset:
        """`batches` of training images, and as large a share of the test images."""
        count = self.batches * course_loop.BATCH
        judged = max(1, len(data.test_labels) * count // len(data.train_labels))
        return replace(
            data,
            train_images=data.train_images[:count],
            train_labels=data.train_labels[:count],
            test_images=data.test_images[:judged],
            test_labels=data.test_labels[:judged],
        )


def hold(contest: Contest, data: Dataset, tell: Told = lambda _line: None) -> Results:
    """Hold a contest on this machine's cores. Nothing else should run meanwhile."""
    images, cores = contest.cut(data), execution.cores()
    cold, cached = _first_steps(contest, images)
    rates: dict[tuple[str, str], list[float]] = {}
    pool = ProcessPoolExecutor(cores, context(), _one_thread)
    with threads(cores), pool:
        for number in range(contest.rounds + 1):
            for norm in contest.norms:
                for name in (LOOP, EAGER, LANES):
                    rate = _rate(contest, norm, name, images, pool, warm=number == 0)
                    if number:  # round 0 starts processes and compiles
                        rates.setdefault((norm, name), []).append(rate)
                        tell(f"round {number} of {contest.rounds}: {norm:<4} {name:<12} {rate:>9,.0f} images/s")
    sample, shape = contest.job(contest.norms[0], LANES), data.train_images.shape[1:]
    return Results(
        date=f"{datetime.now(UTC):%Y-%m-%d}",
        command=contest.command,
        processor=environment(sample, data).processor,
        cores=cores,
        torch=str(torch.__version__),
        model=sample.recipe.model,
        batches=contest.batches,
        peak=peak(),
        operations={n: operations(build(contest.job(n, LANES)), (shape[0], shape[1], shape[2])) for n in contest.norms},
        cold=cold,
        cached=cached,
        timings=tuple(Timing(*key, tuple(values)) for key, values in rates.items()),
    )


def _rate(contest: Contest, norm: str, name: str, images: Dataset, pool: ProcessPoolExecutor, *, warm: bool) -> float:
    """Images per second of the whole machine; warming up takes two batches."""
    data = replace(contest, batches=2).cut(images) if warm else images
    count = len(data.train_labels)
    if name == LOOP:
        return count / course_loop.epoch_seconds(contest.job(norm, "eager"), data)
    jobs = [contest.job(norm, name, seed) for seed in range(execution.cores())]
    return sum(count / seconds for seconds in pool.map(_epoch_seconds, jobs, [data] * len(jobs)))


def _one_thread() -> None:
    keep_freed_memory()
    torch.set_num_threads(1)


def _epoch_seconds(job: Job, data: Dataset) -> float:
    return training.train(job, data).epochs[0].seconds


def _first_steps(contest: Contest, data: Dataset) -> tuple[dict[str, float], dict[str, float]]:
    """Seconds to the end of the first step in new processes, without kernels on disk and with them."""
    shape = data.train_images.shape[1:]
    cold: dict[str, float] = {}
    cached: dict[str, float] = {}
    for norm in contest.norms:
        with leftovers.folder(Path(gettempdir()), "normlab-bench") as folder:
            for seconds in (cold, cached):
                with ProcessPoolExecutor(1, context()) as pool:
                    job = contest.job(norm, LANES)
                    seconds[norm] = pool.submit(_first_step, job, shape, str(folder)).result()
    return cold, cached


def _first_step(job: Job, shape: Sequence[int], folder: str) -> float:
    os.environ["NORMLAB_KERNELS"] = folder
    from normlab.training.dropout import pair
    from normlab.training.lanes.network import Network

    model = build(job)
    pair(model)
    x = np.zeros((course_loop.BATCH, *shape), np.float32)
    start = time.perf_counter()
    network = Network(model, (shape[0], shape[1], shape[2]), course_loop.BATCH)
    network.learn(x, np.zeros(course_loop.BATCH, np.int64))
    return time.perf_counter() - start
