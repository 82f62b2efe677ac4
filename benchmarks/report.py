"""How long all statistics and the report take for a large study, and how much memory: made-up runs, nothing trained.

    python benchmarks/report.py [--arms 10] [--seeds 100] [--images 10000] [--project DIR]

The runs are put into a store first, which takes a minute or two; with --project they stay there for another time. The
report is then made by a process of its own, which reads that store. Prints its seconds, from opening the store to the
finished page, and its peak memory.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from normlab.models.jobs import Material
from normlab.plans import Maker
from normlab.records import Comparison, Environment, Epoch, Held, Job, KernelSize, RunRecord, Scale
from normlab.report import html
from normlab.spec import Study, design
from normlab.store import Store

NORMS = ["bn", "ln", "gn:2", "gn:4", "gn:8", "in", "ln-c", "rms", "none", "gn:cpg=8"]
EPOCHS, CLASSES = 15, 10
KERNELS = {"conv1.weight": (16, 16, 3, 3), "conv2.weight": (32, 16, 3, 3)}
ENVIRONMENT = Environment("", "", "", "", "", "", "cpu", 1, "lanes", "")


def planned(arms: int, seeds: int) -> Study:
    """Norms with and without a penalty, so that there are pairs, interactions, layers and curves."""
    return design(norms=NORMS[: arms // 2], l1=[0.0, 1e-4], seeds=seeds, epochs=EPOCHS)


def fill(project: Path, study: Study, images: int) -> None:
    """Put every run that is not there yet into the store."""
    labels, chance, _ = world(images)
    with Store.open(project) as store:
        for job in Maker(study, "lanes", Material.of(study)).jobs():
            if not store.have([job.key]):
                store.commit(made_up(job, labels, chance))


def world(images: int) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.uint8]]:
    """Labels, how likely each image is missed (0.6 % of them, mostly the same hard ones), and pixels."""
    rng = np.random.default_rng(0)
    pixels = rng.integers(0, 256, (images, 1, 28, 28), dtype=np.uint8)
    return rng.integers(0, CLASSES, images), rng.beta(0.02, 2.5, images), pixels


def made_up(job: Job, labels: NDArray[np.int64], chance: NDArray[np.float64]) -> RunRecord:
    """A run as training would leave it."""
    rng = np.random.default_rng([job.seed, *job.label.encode()])
    wrong = rng.random(len(labels)) < chance
    taken = np.where(wrong, (labels + 1 + rng.integers(0, 3, len(labels))) % CLASSES, labels)
    probabilities = np.full((len(labels), CLASSES), 0.01, np.float32)
    probabilities[np.arange(len(labels)), taken] = 0.91
    right = len(labels) - int(wrong.sum())
    epochs = [_epoch(number, right - 40 * (EPOCHS - number) // EPOCHS, len(labels)) for number in range(1, EPOCHS + 1)]
    weights = {name: rng.standard_normal(shape, dtype=np.float32) for name, shape in KERNELS.items()}
    sizes = [_size(epoch.epoch, name, kernel) for epoch in epochs for name, kernel in weights.items()]
    return RunRecord(job, 7_986, epochs, Held(probabilities, weights), 15.0, ENVIRONMENT, sizes=sizes)


def _epoch(number: int, right: int, images: int) -> Epoch:
    return Epoch(number, 0.1, 0.02, 0.0, 500.0, 59_500, 60_000, 0.02, right, images, 1.0)


def _size(epoch: int, name: str, kernel: NDArray[np.float32]) -> KernelSize:
    return KernelSize(epoch, name, kernel.size, 0, 0, float(np.abs(kernel).sum()), float(np.square(kernel).sum()))


def report(project: Path, study: Study, images: int) -> str:
    """The page of the study in a store."""
    labels, _, pixels = world(images)
    scales = {arm.name: Scale(tuple(KERNELS), 0.0, 0.0) for arm in study.arms}
    runs = Store.reading(project).runs(Maker(study, "lanes", Material.of(study)).jobs())
    classes = [str(number) for number in range(CLASSES)]
    return html.render(Comparison(study, runs, pixels, labels, classes, {a.name: "" for a in study.arms}, scales))


def main() -> None:
    """Fill the store, and let another process make the report; or be that process."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, value in (("--arms", 10), ("--seeds", 100), ("--images", 10_000)):
        parser.add_argument(name, type=int, default=value)
    parser.add_argument("--project", type=Path)
    parser.add_argument("--measure", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    study = planned(options.arms, options.seeds)
    if options.measure:
        measure(options.project, study, options.images)
        return
    with tempfile.TemporaryDirectory() as folder:
        project = options.project or Path(folder)
        fill(project, study, options.images)
        command = [sys.executable, *sys.argv, "--measure", "--project", str(project)]
        subprocess.run(command, check=True)


def measure(project: Path, study: Study, images: int) -> None:
    """Make the report and say what it took."""
    start, used = time.perf_counter(), time.process_time()
    page = report(project, study, images)
    seconds, cpu = time.perf_counter() - start, time.process_time() - used
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
    print(f"{len(study.arms)} arms × {len(study.seeds)} seeds × {images:,} images: {seconds:.1f} s (CPU {cpu:.1f} s),")
    print(f"peak memory {peak:.0f} MB, page {len(page.encode()) / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
