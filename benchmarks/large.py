"""Training on more images than memory holds, beside the same where it holds all: `python benchmarks/large.py`.

A file of random images is made, and a few steps are trained by PyTorch on images from all over it, in a process that
has all the memory it likes and in one whose memory, pages of files included, a control group holds at half of the file
and what Python takes. The two alternate; before each the system forgets what it has of the file in memory. The first
then reads all of it before its clock starts, the second nothing: all that it needs comes from the disk, which is harder
than any later epoch. Told are medians over rounds of images a second, and of the rounds' ratios. Needs root, Linux
and its control groups for memory (version 1 or 2).
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

ROUNDS, WARM, BATCH = 3, 5, 128
GROUP = "normlab-large"
CASES = (("lenet5", 32, 300), ("lean", 96, 20))
"""A network, pixels a side and steps that are timed: the first has little to do with each image, the second much."""
BYTES = 1_000_000_000
OVERHEAD, SHARE = 600_000_000, 0.5
"""Bytes that Python and torch hold, and the share of images that memory has room for beside them."""


def trained(file: Path, model: str, side: int, steps: int) -> float:
    """Images a second of some steps on images drawn from the whole file."""
    import torch

    from normlab.data import pages
    from normlab.data.split import Split
    from normlab.events import silent
    from normlab.records import Job
    from normlab.spec import Recipe
    from normlab.training.eager import Eager
    from normlab.training.loop import Loop

    torch.set_num_threads(1)
    images = pages.mapped(file, np.uint8, (file.stat().st_size // (3 * side * side), 3, side, side))
    labels = np.arange(len(images)) % 10
    split = Split(images, labels, images[:BATCH], labels[:BATCH], (0.5,) * 3, (0.25,) * 3)
    recipe = Recipe.model_validate({"preset": "lean", "model": model, "epochs": 1, "batch_size": BATCH})
    job = Job(recipe, 0, engine=Eager.name, shape=images.shape[1:])
    loop = Loop(Eager(), [job], split, silent)
    batches, start = loop.batches.epoch(0, 1), 0.0
    loop.stepper.begin(1)
    for step in range(WARM + steps):
        start = time.perf_counter() if step == WARM else start
        loop.stepper.step([next(batches)], 0.01)
    return steps * BATCH / (time.perf_counter() - start)


@contextmanager
def group(limit: int) -> Iterator[Path]:
    """A control group that holds at most `limit` bytes, by the file that takes its processes."""
    old = Path("/sys/fs/cgroup/memory")
    folder = (old if old.is_dir() else old.parent) / GROUP
    folder.mkdir(exist_ok=True)
    try:
        (folder / ("memory.limit_in_bytes" if old.is_dir() else "memory.max")).write_text(str(limit))
        yield folder / "cgroup.procs"
    finally:
        folder.rmdir()


def measured(file: Path, case: tuple[str, int, int], procs: Path | None) -> float:
    """Images a second in a process of its own, in a control group or with all of the file in memory."""
    os.sync()
    Path("/proc/sys/vm/drop_caches").write_text("1")
    if procs is None:
        read_through(file)
    command = [sys.executable, __file__, str(file), *map(str, case)]
    enter = None if procs is None else lambda: procs.write_text(str(os.getpid()))
    done = subprocess.run(command, preexec_fn=enter, check=True, stdout=subprocess.PIPE, text=True)
    return float(done.stdout)


def read_through(file: Path) -> None:
    """All of it is in memory then."""
    with file.open("rb") as stream:
        while stream.read(1 << 24):
            pass


def written(folder: Path, side: int) -> Path:
    """Random images, a few thousand that come again and again: what they show costs nothing."""
    file, some = folder / f"{side}.raw", np.random.default_rng(0).integers(0, 256, (64, 3, side, side), np.uint8)
    with file.open("wb") as stream:
        for _ in range(BYTES // some.nbytes):
            stream.write(some.tobytes())
    return file


def compared(folder: Path, case: tuple[str, int, int]) -> None:
    """Measure in turn and tell."""
    (model, side, _), found = case, []
    file = written(folder, side)
    limit = int(OVERHEAD + SHARE * BYTES)
    for _ in range(ROUNDS):
        held = measured(file, case, None)
        with group(limit) as procs:
            found.append((held, measured(file, case, procs)))
    file.unlink()
    all_of_it, part = (statistics.median(column) for column in zip(*found, strict=True))
    low, *_, high = ratios = sorted(few / held for held, few in found)
    print(
        f"{model}, {BYTES / 1e9:.1f} GB of 3 × {side}×{side}: {all_of_it:,.0f} images/s in memory, {part:,.0f} with"
        f" {limit / 1e9:.1f} GB; ratio {statistics.median(ratios):.2f} ({low:.2f} to {high:.2f})",
        flush=True,
    )


def main() -> None:
    """One measurement in a process of its own, or all of them."""
    if len(sys.argv) > 1:
        file, model, side, steps = sys.argv[1:]
        print(trained(Path(file), model, int(side), int(steps)))
        return
    with tempfile.TemporaryDirectory() as folder:
        for case in CASES:
            compared(Path(folder), case)


if __name__ == "__main__":
    main()
