"""What the loop costs beside one that only takes the steps: `python benchmarks/loop.py [lanes|eager]`.

All train `lean` for an epoch on one stepper and judge it, in turn, in one process with one thread. The bare loop has
its batches ready made and keeps nothing of what a step gives; *drawn* draws order and augmentation as it goes; the real
one also adds up, tells, measures kernels and puts the epoch down. *Again* is the bare loop a second time: what it
differs from itself is the noise that the others are to be read with. Told are medians over rounds of this process's
CPU time, which other work on the machine disturbs less than the clock's, and of the rounds' ratios to the bare loop,
with their middle half. *Outside* is the share of an epoch that is spent in none of the stepper's calls: within one
epoch, so that it is known to a hundredth of a percent where two epochs differ by several.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any, cast

import torch

from normlab import data
from normlab.data.batches import Batch
from normlab.data.split import split
from normlab.events import silent
from normlab.records import Job
from normlab.spec import Recipe
from normlab.training.engine import Stepper
from normlab.training.engines import ENGINES
from normlab.training.loop import Loop

ROUNDS, IMAGES, JUDGED = 12, 25_600, 4_000


class Clocked:
    """The CPU time spent in a stepper's calls."""

    def __init__(self, stepper: Stepper) -> None:
        self.stepper, self.inside = stepper, 0.0

    def __getattr__(self, name: str) -> Callable[..., Any]:
        call = getattr(self.stepper, name)

        def clocked(*given: Any) -> Any:
            start = time.process_time()
            result = call(*given)
            self.inside += time.process_time() - start
            return result

        return clocked


def begun(engine: str) -> tuple[Loop, Clocked]:
    """A run of `lean` with batch norm, ready to train, and the clock around its stepper."""
    mnist = data.load("mnist")
    some = replace(mnist, test_images=mnist.test_images[:JUDGED], test_labels=mnist.test_labels[:JUDGED])
    recipe = Recipe.model_validate({"preset": "lean", "epochs": ROUNDS + 1, "train_images": IMAGES})
    loop = Loop(ENGINES[engine](), [Job(recipe, 0, engine=engine)], split(some, recipe, 0), silent)
    clock = Clocked(loop.stepper)
    loop.stepper = cast(Stepper, clock)
    return loop, clock


def steps(loop: Loop, number: int, batches: Iterable[Batch]) -> None:
    """An epoch's steps and its judgement, and nothing else."""
    loop.stepper.begin(number)
    for batch in batches:
        loop.stepper.step([batch], loop.recipe.optimizer.lr)
    loop.stepper.judge()


def ways(loop: Loop, number: int) -> dict[str, Callable[[], None]]:
    """What is timed, by name."""
    made = list(loop.batches.epoch(0, number))
    return {
        "bare": lambda: steps(loop, number, made),
        "again": lambda: steps(loop, number, made),
        "drawn": lambda: steps(loop, number, loop.batches.epoch(0, number)),
        "loop": lambda: loop.one_epoch(number),
    }


def seconds(epoch: Callable[[], None], clock: Clocked) -> tuple[float, float]:
    """CPU time of an epoch, and the share of it outside the stepper."""
    clock.inside, start = 0.0, time.process_time()
    epoch()
    took = time.process_time() - start
    return took, 1 - clock.inside / took


def timed(loop: Loop, clock: Clocked, number: int) -> dict[str, tuple[float, float]]:
    """A round: each way once, each in turn the first, so that none always comes after the same other."""
    turn = list(ways(loop, number).items())
    turn = turn[number % len(turn) :] + turn[: number % len(turn)]
    return {name: seconds(epoch, clock) for name, epoch in turn}


def main() -> None:
    """Time and tell."""
    torch.set_num_threads(1)
    engine = sys.argv[1] if len(sys.argv) > 1 else "lanes"
    loop, clock = begun(engine)
    rounds = [timed(loop, clock, number) for number in range(1, ROUNDS + 2)][1:]
    print(f"{engine}: {ROUNDS} rounds of {IMAGES // loop.recipe.batch_size} steps and {JUDGED:,} judged images")
    for name in ways(loop, 1):
        took = 1e3 * statistics.median(each[name][0] for each in rounds)
        low, middle, high = statistics.quantiles((each[name][0] / each["bare"][0] for each in rounds), n=4)
        outside = statistics.median(each[name][1] for each in rounds)
        print(f"{name:>5} {took:7.1f} ms, ratio {middle:.4f} ({low:.4f} to {high:.4f}), outside {outside:.2%}")


if __name__ == "__main__":
    main()
