"""What a step costs with each penalty, beside a step without: `python benchmarks/penalties.py [lanes|eager]`.

All arms take their steps in turn on the same batch, in one process with one thread, so that a noisy machine is as noisy
for each of them; told are the median over rounds of each arm's time, and the median of its ratio to no penalty.
"""

from __future__ import annotations

import statistics
import sys
import time

import torch

from normlab import data, spec
from normlab.records import Job
from normlab.training.events import silent
from normlab.training.lanes.run import LanesRun
from normlab.training.reference import Run

ROUNDS, STEPS, LAM = 15, 40, 1e-3
KINDS = ("subgrad", "prox", "spred", "group", "gamma", "l2", "elastic")


def runs(engine: str) -> dict[str, Run]:
    """A run of `lean` with batch norm under each penalty, ready to step."""
    images = data.load("mnist")
    arms = spec.design(norms=["bn"], l1=[0, LAM], penalty=KINDS, seeds=1).arms
    recipe = spec.Recipe.model_validate("lean")
    return {arm.name: _run(Job(recipe, arm, 0, engine=engine), images) for arm in arms}


def _run(job: Job, images: data.Dataset) -> Run:
    if job.engine == "lanes":
        return LanesRun(job, images, silent)
    from normlab.data.batches import ResidentFeed

    return Run(job, images, silent, ResidentFeed, torch.channels_last)


def seconds(run: Run) -> float:
    """Wall time of a step, mean of `STEPS` on one batch."""
    x, y = next(iter(run.feed.epoch(0, 1)))
    run.model.train()
    start = time.perf_counter()
    for _ in range(STEPS):
        run.step(x, y, 1e-4)
    return (time.perf_counter() - start) / STEPS


def main() -> None:
    """Time and tell."""
    torch.set_num_threads(1)
    engine = sys.argv[1] if len(sys.argv) > 1 else "lanes"
    every = runs(engine)
    for run in every.values():
        seconds(run)
    rounds = [{name: seconds(run) for name, run in every.items()} for _ in range(ROUNDS)]
    print(f"{engine}, batch {spec.Recipe.model_validate('lean').batch_size}, {ROUNDS} rounds of {STEPS} steps")
    for name in every:
        took = statistics.median(each[name] for each in rounds)
        ratio = statistics.median(each[name] / each["bn"] for each in rounds)
        print(f"{name:22s} {1e3 * took:7.3f} ms a step   {ratio:.3f} ×")


if __name__ == "__main__":
    main()
