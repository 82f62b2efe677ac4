"""What was tried for `lean`: every variant judged on 10,000 training images kept out.

    python studies/lean/tune.py [--seeds 4] [--norm bn] [--only PART_OF_A_NAME] [--root 1]

The test set is never looked at. One run per core, nothing is kept; each variant prints one line of the README's table.
`--root` holds other images out.
"""

from __future__ import annotations

import argparse
import multiprocessing
import statistics
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import torch
from shapes import network

from normlab import execution, spec
from normlab.data import load
from normlab.models import registry
from normlab.records import Job
from normlab.training import train

BEFORE, LEAN = "8m 16 16 P 16 C G", "8 8m 16 16 16 P F"
OLD = {"optimizer": {"weight_decay": 1e-4}, "augment": {"rotation": 7.0, "shift": 1.0, "scale": 0.0}}
VARIANTS: dict[str, tuple[str, dict[str, Any]]] = {
    # The recipe, on the network of before
    "before": (BEFORE, OLD),
    "before, classes see positions, strong augmentation": (
        "8m 16 16 P 16 F",
        OLD | {"augment": {"rotation": 10.0, "shift": 2.0, "scale": 0.1}},
    ),
    # Shapes, with the recipe of before
    "maximum later": ("8 16 P 16 16 P C G", OLD),
    "two layers of 16 on large planes": ("8 16m 16 16 C G", OLD),
    "no maximum at the end": ("8 12 P 16 16 16 c G", OLD),
    # Decay and augmentation, on shapes whose classes see positions
    "narrow, deep, mild augmentation": ("8 10 10m 14 14 14 P F", {"optimizer": {"weight_decay": 1e-4}}),
    "narrow, deep": ("8 10 10m 14 14 14 P F", {}),
    "12 channels": ("8 8 12m 12 12 16 P F", {}),
    "12 and 16 channels": ("8 8m 12 12 16 16 P F", {}),
    "12 and 16 channels, no norm at the end": ("8 8m 12 12 16 16n P F", {}),
    "12 and 16 channels, shift 1": ("8 8m 12 12 16 16 P F", {"augment": {"shift": 1.0}}),
    "12 and 16 channels, shift 2": ("8 8m 12 12 16 16 P F", {"augment": {"shift": 2.0}}),
    "12 and 16 channels, batch 64": ("8 8m 12 12 16 16 P F", {"augment": {"shift": 1.0}, "batch_size": 64}),
    "8 and 16 channels": ("8 8m 8 16 16 16 P F", {}),
    "lean": (LEAN, {}),
    "lean, 4 epochs": (LEAN, {"epochs": 4}),
    "before, 4 epochs": (BEFORE, OLD | {"epochs": 4}),
}


def run(shape: str, recipe: dict[str, Any], norm: str, seed: int, root: int) -> tuple[float, float, int]:
    """Held-out accuracy and loss of one run, and its parameters."""
    torch.set_num_threads(1)
    registry.MODELS["lean"] = network(shape)
    values = {"preset": "lean", "epochs": 15, "holdout": 10_000, "norm": norm} | recipe
    (arm,) = spec.parse({"recipe": values}).arms
    record = train(Job(arm.recipe, seed, root, engine="lanes"), load("mnist"))
    return record.final.judged_accuracy, record.final.judged_loss, record.parameters


def main() -> None:
    """Try the variants one after the other."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=4)
    parser.add_argument("--norm", default="bn")
    parser.add_argument("--only", default="")
    parser.add_argument("--root", type=int, default=0)
    options = parser.parse_args()
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(execution.cores(), context, _find_shapes) as pool:
        for name, (shape, recipe) in VARIANTS.items():
            if options.only in name:
                jobs = [
                    pool.submit(run, shape, recipe, options.norm, seed, options.root) for seed in range(options.seeds)
                ]
                _tell(name, shape, [job.result() for job in jobs])


def _find_shapes() -> None:
    """The folder of this file, where a worker finds `shapes`."""
    import sys

    sys.path.insert(0, str(Path(__file__).parent))


def _tell(name: str, shape: str, found: list[tuple[float, float, int]]) -> None:
    accuracies, losses, parameters = zip(*found, strict=True)
    spread = statistics.stdev(accuracies) if len(accuracies) > 1 else 0.0
    print(
        f"| {name} | `{shape}` | {parameters[0]:,} | {statistics.mean(accuracies):.3f} ± {spread:.3f} "
        f"| {statistics.mean(losses):.4f} |",
        flush=True,
    )


if __name__ == "__main__":
    main()
