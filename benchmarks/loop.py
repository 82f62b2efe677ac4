"""What the loop costs beside one that only takes the steps: `python benchmarks/loop.py [lanes|eager]`.

Both train `lean` for an epoch on one stepper and judge it, in turn, in one process with one thread. The bare loop has
its batches ready made and keeps nothing of what a step gives; the real one draws order and augmentation, adds up,
tells, measures kernels and puts the epoch down. Told are the medians over rounds of this process's CPU time, which
other work on the machine disturbs less than the clock's, and the median of the rounds' ratios.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import replace

import torch

from normlab import data
from normlab.data.split import split
from normlab.events import silent
from normlab.records import Job
from normlab.spec import Recipe
from normlab.training.engines import ENGINES
from normlab.training.loop import Loop

ROUNDS, IMAGES, JUDGED = 20, 12_800, 2_000


def begun(engine: str) -> Loop:
    """A run of `lean` with batch norm, ready to train."""
    mnist = data.load("mnist")
    some = replace(mnist, test_images=mnist.test_images[:JUDGED], test_labels=mnist.test_labels[:JUDGED])
    recipe = Recipe.model_validate({"preset": "lean", "epochs": ROUNDS + 1, "train_images": IMAGES})
    return Loop(ENGINES[engine](), [Job(recipe, 0, engine=engine)], split(some, recipe, 0), silent)


def bare(loop: Loop, number: int) -> Callable[[], None]:
    """An epoch's steps and its judgement, and nothing else."""
    batches = [[batch] for batch in loop.batches.epoch(0, number)]

    def epoch() -> None:
        loop.stepper.begin(number)
        for batch in batches:
            loop.stepper.step(batch, loop.recipe.optimizer.lr)
        loop.stepper.judge()

    return epoch


def seconds(epoch: Callable[[], None]) -> float:
    """CPU time."""
    start = time.process_time()
    epoch()
    return time.process_time() - start


def main() -> None:
    """Time and tell."""
    torch.set_num_threads(1)
    engine = sys.argv[1] if len(sys.argv) > 1 else "lanes"
    loop = begun(engine)
    rounds = []
    for number in range(1, ROUNDS + 2):
        ways = {"bare": bare(loop, number), "loop": lambda number=number: loop.one_epoch(number)}
        order = sorted(ways, reverse=number % 2 == 0)  # neither is always the one that comes after the other
        rounds.append({name: seconds(ways[name]) for name in order})
    took = {name: statistics.median(each[name] for each in rounds[1:]) for name in rounds[0]}
    ratio = statistics.median(each["loop"] / each["bare"] for each in rounds[1:])
    print(f"{engine}: {ROUNDS} rounds of {IMAGES // loop.recipe.batch_size} steps and {JUDGED:,} judged images")
    print(f"bare {1e3 * took['bare']:.1f} ms, loop {1e3 * took['loop']:.1f} ms an epoch, ratio {ratio:.4f}")


if __name__ == "__main__":
    main()
