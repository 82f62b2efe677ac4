"""How long the lanes engine compiles, and whether LLVM's usual passes would make faster code.

    python benchmarks/compiling.py [NETWORK …]

Each network's kernels are compiled in an empty folder, with the passes that the engine has and with those of -O2, and
its steps of whole batches are taken in turns. Seconds and milliseconds are of the processor; those of steps are
medians, and *times as fast* has the range of the turns.
"""

from __future__ import annotations

import os
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from engines import NETWORKS, SHAPE, job_of

from normlab.allocator import keep_freed_memory
from normlab.models import build
from normlab.training.lanes import compile as compiler
from normlab.training.lanes.network import Network
from normlab.training.lanes.target import binding
from normlab.training.threads import threads

Optimize = Callable[[Any, Any], None]
TURNS, STEPS = 7, 5


def usual(module: Any, machine: Any) -> None:
    """The passes of -O2, without those that would unroll loops or make vectors."""
    llvm = binding()
    options = llvm.create_pipeline_tuning_options(speed_level=2)
    options.loop_unrolling = options.loop_vectorization = options.slp_vectorization = False
    builder = llvm.create_pass_builder(machine, options)
    builder.getModulePassManager().run(module, builder)


def compiled(model: str, size: int, optimize: Optimize) -> tuple[float, Network]:
    """Seconds of a network with no kernel of it kept, and the network."""
    compiler.optimize = optimize
    compiler._loaded.clear()
    with TemporaryDirectory() as folder:
        Path(folder).chmod(0o700)
        os.environ["NORMLAB_KERNELS"] = folder
        start = time.process_time()
        network = Network(build(job_of(model, size)).train(), SHAPE, size)
        return time.process_time() - start, network


def turns(networks: list[Network], size: int) -> list[list[float]]:
    """Milliseconds of a step of each, in each turn."""
    rng = np.random.default_rng(0)
    images, labels = rng.standard_normal((size, *SHAPE), np.float32), rng.integers(0, 10, size)
    for network in networks:
        network.learn(images, labels)
    return [[step(network, labels) for network in networks] for _ in range(TURNS)]


def step(network: Network, labels: Any) -> float:
    """Milliseconds of one."""
    start = time.process_time()
    for _ in range(STEPS):
        network.step(labels)
    return 1000 * (time.process_time() - start) / STEPS


def row(name: str, model: str, size: int) -> str:
    """The figures of a network."""
    (ours, one), (theirs, other) = (compiled(model, size, each) for each in (compiler_own, usual))
    found = turns([one, other], size)
    ratios = sorted(o2 / own for own, o2 in found)
    own, o2 = (statistics.median(each) for each in zip(*found, strict=True))
    against = f"{statistics.median(ratios):.2f} ({ratios[0]:.2f} to {ratios[-1]:.2f})"
    return f"| {name} | {ours:.1f} | {theirs:.1f} | {own:,.1f} | {o2:,.1f} | {against} |"


def main() -> None:
    """Print a row for each network."""
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    keep_freed_memory()
    print("| network | compiled, s | with -O2, s | a step, ms | with -O2, ms | times as fast |")
    print("|---|---:|---:|---:|---:|---:|")
    with threads(1):
        for name in sys.argv[1:] or NETWORKS:
            print(row(name, *NETWORKS[name]), flush=True)


compiler_own = compiler.optimize

if __name__ == "__main__":
    main()
