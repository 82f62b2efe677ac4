"""What share of a run's time checkpoints take: `python tools/reliability/checkpoints.py [--epochs 20]`.

Runs as a worker makes them, one thread and a real folder, with each engine, on a small network and on a larger one.
What is taken for a checkpoint is all from the copying of the state until the file's rename is on the disk.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import torch

from normlab import training
from normlab.data import Dataset, load
from normlab.models.jobs import job_of
from normlab.records import Checkpoint, Job
from normlab.spec import design
from normlab.store import Checkpoints
from normlab.training.memory import SHARE, Pace

CASES = (
    ("lanes", "lean", 50_000),
    ("lanes", "lean", 2_000),
    ("eager", "lean", 20_000),
    ("eager", "resnet8", 5_000),
    ("reference", "lean", 2_000),
)


class Measured:
    """A `training.Memory`: checkpoints as they are, and how large the last one was."""

    def __init__(self, project: Path) -> None:
        self.checkpoints, self.bytes = Checkpoints(project), 0

    def recall(self, job: Job) -> Checkpoint | None:
        """There is none: each run is a new one."""
        return self.checkpoints.recall(job)

    def save(self, job: Job, checkpoint: Checkpoint) -> None:
        """See `Memory.save`."""
        self.checkpoints.save(job, checkpoint)
        (path,) = self.checkpoints.project.glob("checkpoints/*")
        self.bytes = path.stat().st_size

    def asked(self) -> bool:
        """See `Memory.asked`."""
        return False


@contextmanager
def costs() -> Iterator[list[float]]:
    """The seconds of each checkpoint that is made meanwhile, as the loops themselves measure them."""
    found: list[float] = []
    saved = Pace.saved

    def noted(pace: Pace, start: float) -> None:
        saved(pace, start)
        found.append(pace.cost)

    Pace.saved = noted
    try:
        yield found
    finally:
        Pace.saved = saved


def share(engine: str, model: str, images: int, epochs: int, data: Dataset) -> float:
    """Of a run's time, 0 to 1; says it with its parts."""
    study = design(norms="bn", seeds=1, epochs=epochs, train_images=images, holdout=1_000, model=model)
    job = job_of(study.arms[0].recipe, 0, engine=engine)
    with TemporaryDirectory(dir=".") as folder, costs() as found:
        memory, start = Measured(Path(folder)), time.perf_counter()
        training.train(job, data, memory=memory)
        seconds = time.perf_counter() - start
    part = sum(found) / seconds
    where = f"{engine:<10} {model:<8} {images:>6,} images × {epochs}"
    each = f"{1e3 * sum(found) / len(found):.1f} ms each, {memory.bytes / 1e3:.0f} kB" if found else "none was due"
    print(f"{where}: {seconds:6.1f} s, {len(found):>3} ({each}): {part:.2%}", flush=True)
    return part


def main() -> None:
    """Say each share, and that none is above its bound."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--epochs", type=int, default=20)
    given = parser.parse_args()
    torch.set_num_threads(1)
    data = load("mnist")
    shares = [share(*case, given.epochs, data) for case in CASES]
    if max(shares) > SHARE:
        raise SystemExit(f"more than {SHARE:.0%} of a run's time")


if __name__ == "__main__":
    main()
