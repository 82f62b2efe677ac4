"""Where the time of a lanes step goes: each layer's kernels by themselves, forward and backward, on the whole batch."""

from __future__ import annotations

import statistics
import time
from collections import defaultdict
from dataclasses import dataclass

import numpy as np

from normlab.models import build
from normlab.records import Job
from normlab.training.dropout import pair
from normlab.training.lanes.network import Network
from normlab.training.lanes.target import fitting

ROUNDS = 5


@dataclass(frozen=True)
class Layer:
    """A layer as the model calls it, and the seconds of its kernels in a step; what is no layer's is `the rest`."""

    name: str
    seconds: float


def layers(job: Job) -> list[Layer]:
    """The layers of a job's network that lanes covers, in order, on random images; medians of some rounds.

    By itself a kernel finds less in the cache than behind the one before it: the sum is more than a step takes.
    """
    model = build(job)
    pair(model)
    network = Network(model.train(), job.shape, job.recipe.batch_size, fitting(job.recipe.batch_size))
    rng = np.random.Generator(np.random.SFC64(0))
    network.learn(
        rng.standard_normal((job.recipe.batch_size, *job.shape), np.float32),
        rng.integers(0, network.classes, job.recipe.batch_size),
    )
    rounds = [_round(network) for _ in range(ROUNDS)]
    names = dict.fromkeys(name for found in rounds for name in found)
    return [Layer(name or "the rest", statistics.median(found[name] for found in rounds)) for name in names]


def _round(network: Network) -> dict[str, float]:
    found: defaultdict[str, float] = defaultdict(float)
    for name, run in network.training.apart(network.blocks):
        start = time.perf_counter()
        run()
        found[name] += time.perf_counter() - start
    return found
