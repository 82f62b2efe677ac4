"""What the race of `--engine auto` finds on networks of many widths, beside steps of whole batches, engines in turns.

    python benchmarks/engines.py [NETWORK …]

One thread, freed memory kept, as in a worker; no race of before is looked up. Kernels are compiled before the clock
starts. Milliseconds are medians of some turns of steps of whole batches, of its own time; *times as fast* has
the range of the turns.
"""

from __future__ import annotations

import os
import statistics
import sys
import time
from pathlib import Path

from normlab.allocator import keep_freed_memory
from normlab.models import build
from normlab.models.jobs import code_of
from normlab.models.summary import parameter_count
from normlab.records import Job
from normlab.spec import Recipe, canonical
from normlab.training.eager import Eager
from normlab.training.heat import Runner, noise
from normlab.training.lanes.engine import Lanes
from normlab.training.race import race
from normlab.training.threads import threads

SHAPE = (3, 32, 32)
WIDE = Path(__file__).with_name("wide.py")
NETWORKS = {
    "lean": ("lean", 128),
    "lenet5": ("lenet5", 128),
    "mlp": ("mlp", 128),
    "resnet8, 4 images": ("resnet8", 4),
    "resnet8": ("resnet8", 128),
    "resnet20": ("resnet20", 128),
    "vit": ("vit", 128),
    "VGG": (f"{WIDE}:vgg", 128),
    "ResNet-9": (f"{WIDE}:resnet9", 128),
    "WRN-16-4": (f"{WIDE}:wrn", 128),
    "ResNet-18": (f"{WIDE}:resnet18", 128),
}
TURNS, PATIENCE = 5, 30.0
"""Turns at most, and seconds after which no further one is begun."""


def job_of(model: str, size: int) -> Job:
    """A run with batch norm, or with layer norm of tokens."""
    norm = "ln" if model == "vit" else "bn"
    recipe = canonical(Recipe.model_validate({"model": model, "norm": norm, "batch_size": size}))
    return Job(recipe, 0, code=code_of(recipe), shape=SHAPE)


def whole_batches(job: Job) -> list[tuple[float, float]]:
    """The seconds of a step of eager and of lanes, in each turn."""
    images, batch = noise(job, SHAPE, job.recipe.batch_size)
    runners = [Runner(engine, job, images) for engine in (Lanes(), Eager())]
    found, end = list[tuple[float, float]](), time.perf_counter() + PATIENCE
    for turn in range(TURNS + 1):
        lanes, eager = (runner.step(batch) for runner in runners)
        found += [(eager, lanes)] if turn else []
        if found and time.perf_counter() > end:
            break
    return found


def row(name: str, model: str, size: int) -> str:
    """The figures of a network."""
    job = job_of(model, size)
    if refusal := Lanes().covers(job, SHAPE):
        return f"| {name} | {refusal.why} |"
    start = time.perf_counter()
    found = race([Eager(), Lanes()], [job], SHAPE, 50_000)
    took, winner = time.perf_counter() - start, min(found, key=lambda engine: found[engine])
    with threads(1):
        turns = whole_batches(job)
    ratios = sorted(eager / lanes for eager, lanes in turns)
    truth = f"{statistics.median(ratios):.2f} ({ratios[0]:.2f} to {ratios[-1]:.2f})"
    each = " | ".join(f"{1000 * statistics.median(seconds):,.1f}" for seconds in zip(*turns, strict=True))
    raced = found["eager"] / found["lanes"]
    size = f"{parameter_count(build(job)):,}"
    return f"| {name} | {size} | {each} | {truth} | {raced:.2f} | {winner} | {took:.1f} s |"


def main() -> None:
    """Print a row for each network."""
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    keep_freed_memory()
    print("| network | parameters | eager, ms | lanes, ms | times as fast | in the race | winner | the race took |")
    print("|---|---:|---:|---:|---:|---:|---|---:|")
    for name in sys.argv[1:] or NETWORKS:
        print(row(name, *NETWORKS[name]), flush=True)


if __name__ == "__main__":
    main()
