"""How long all statistics and the report take for a large study, and how much memory: made-up runs, nothing trained.

    python benchmarks/report.py [--arms 10] [--seeds 100] [--images 10000]

Prints seconds and the process's peak memory, the study itself (its probabilities) included.
"""

from __future__ import annotations

import argparse
import resource
import time

import numpy as np

from normlab import spec
from normlab.records import Comparison, Environment, Epoch, RunRecord
from normlab.report import html

NORMS = ["bn", "ln", "gn:2", "gn:4", "gn:8", "in", "ln-c", "rms", "none", "gn:cpg=8"]
EPOCHS, CLASSES = 15, 10


def made_up(arms: int, seeds: int, images: int) -> Comparison:
    """A study whose runs miss about 0.6 % of the images, mostly the same hard ones."""
    study = spec.design(norms=NORMS[:arms], l1=[0], seeds=seeds, epochs=EPOCHS)
    rng = np.random.default_rng(0)
    labels = rng.integers(0, CLASSES, images)
    chance = rng.beta(0.02, 2.5, images)
    runs = [_run(arm.name, seed, labels, chance, rng) for seed in study.seeds for arm in study.arms]
    pixels = rng.integers(0, 256, (images, 1, 28, 28), dtype=np.uint8)
    return Comparison(study, runs, pixels, labels, [str(c) for c in range(CLASSES)], {a.name: "" for a in study.arms})


def _run(arm: str, seed: int, labels: np.ndarray, chance: np.ndarray, rng: np.random.Generator) -> RunRecord:
    wrong = rng.random(len(labels)) < chance
    taken = np.where(wrong, (labels + 1 + rng.integers(0, 3, len(labels))) % CLASSES, labels)
    probabilities = np.full((len(labels), CLASSES), 0.01, np.float32)
    probabilities[np.arange(len(labels)), taken] = 0.91
    right = len(labels) - int(wrong.sum())
    epochs = [
        Epoch(n, 0.1, 0.02, 0.0, 500.0, 59_500, 60_000, 0.02, right - 40 // n, len(labels), 1.0)
        for n in range(1, EPOCHS)
    ]
    last = Epoch(EPOCHS, 0.1, 0.02, 0.0, 500.0, 59_600, 60_000, 0.02, right, len(labels), 1.0)
    environment = Environment("", "", "", "", "", "", "cpu", 1, "lanes", "")
    weights = {"conv1.weight": rng.standard_normal((16, 16, 3, 3), dtype=np.float32)}
    return RunRecord(arm, seed, 7_986, [*epochs, last], probabilities, weights, 15.0, environment)


def main() -> None:
    """Make the study, then the report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, value in (("--arms", 10), ("--seeds", 100), ("--images", 10_000)):
        parser.add_argument(name, type=int, default=value)
    options = parser.parse_args()
    comparison = made_up(options.arms, options.seeds, options.images)
    start = time.perf_counter()
    page = html.render(comparison)
    seconds = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(f"{options.arms} arms × {options.seeds} seeds × {options.images:,} images: {seconds:.1f} s, ", end="")
    print(f"peak memory {peak:.2f} GB, page {len(page.encode()) / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
