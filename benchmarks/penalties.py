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
from normlab.data.batches import Batch, Batches
from normlab.data.split import split
from normlab.records import Job
from normlab.training.engine import Stepper
from normlab.training.engines import ENGINES

ROUNDS, STEPS, LAM = 15, 40, 1e-3
KINDS = ("subgrad", "prox", "spred", "group", "gamma", "l2", "elastic")


def steppers(engine: str) -> tuple[dict[str, Stepper], Batch]:
    """A run of `lean` with batch norm under each penalty, ready to step, and the batch that all of them step on."""
    study = spec.design(norms=["bn"], l1=[0, LAM], penalty=KINDS, seeds=1)
    images = split(data.load("mnist"), study.recipe, study.root)
    batch = next(Batches(images, study.recipe, study.root).epoch(0, 1))
    jobs = [Job(arm.recipe, 0, engine=engine, label=arm.name) for arm in study.arms]
    return {job.label: ENGINES[engine]().stepper([job], images) for job in jobs}, batch


def seconds(stepper: Stepper, batch: Batch) -> float:
    """Wall time of a step, mean of `STEPS` on one batch."""
    stepper.begin(1)
    start = time.perf_counter()
    for _ in range(STEPS):
        stepper.step([batch], 1e-4)
    return (time.perf_counter() - start) / STEPS


def main() -> None:
    """Time and tell."""
    torch.set_num_threads(1)
    engine = sys.argv[1] if len(sys.argv) > 1 else "lanes"
    every, batch = steppers(engine)
    for stepper in every.values():
        seconds(stepper, batch)
    rounds = [{name: seconds(stepper, batch) for name, stepper in every.items()} for _ in range(ROUNDS)]
    print(f"{engine}, batch {len(batch.labels)}, {ROUNDS} rounds of {STEPS} steps")
    for name in every:
        took = statistics.median(each[name] for each in rounds)
        ratio = statistics.median(each[name] / each["bn"] for each in rounds)
        print(f"{name:22s} {1e3 * took:7.3f} ms a step   {ratio:.3f} ×")


if __name__ == "__main__":
    main()
