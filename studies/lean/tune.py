"""What was tried for the `lean` recipe of 15 epochs: every variant judged on 10,000 training images kept out.

    python studies/lean/tune.py [--seeds 3] [--norm bn] [--only PART_OF_A_NAME]

The test set is never looked at. Each variant is a study of its own, kept and resumed like any other, and prints one
line when it is done; the README beside this file has the figures of 2026-11-23.
"""

from __future__ import annotations

import argparse
import statistics
from typing import Any

import normlab
from normlab import spec

BASE: dict[str, Any] = {
    "preset": "lean",
    "epochs": 15,
    "holdout": 10_000,
}
VARIANTS: dict[str, dict[str, Any]] = {
    "the four-epoch recipe": {},
    "lr 0.05": {"optimizer": {"lr": 0.05}},
    "lr 0.2": {"optimizer": {"lr": 0.2}},
    "batch 64": {"batch_size": 64},
    "weight decay 0": {"optimizer": {"weight_decay": 0.0}},
    "weight decay 5e-4": {"optimizer": {"weight_decay": 5e-4}},
    "rotation 12": {"augment": {"rotation": 12.0}},
    "shift 2": {"augment": {"shift": 2.0}},
    "scale 0.1": {"augment": {"scale": 0.1}},
    "rotation 12, shift 2, scale 0.1": {"augment": {"rotation": 12.0, "shift": 2.0, "scale": 0.1}},
    "dropout 0.02": {"dropout": 0.02},
    "final 0": {"schedule": {"final": 0.0}},
    "warm-up 0.1": {"schedule": {"warmup": 0.1}},
}


def main() -> None:
    """Try the variants one after the other."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--norm", default="bn")
    parser.add_argument("--only", default="")
    parser.add_argument("--out", default="normlab-out/tuning")
    options = parser.parse_args()
    for name, change in VARIANTS.items():
        if options.only not in name:
            continue
        values = {"name": "tune-lean", "seeds": options.seeds, "arms": [{"norm": options.norm}]}
        study = spec.parse(values | {"recipe": BASE | change})
        runs = normlab.compare(study, out=options.out).comparison.runs
        final = [run.final.test_accuracy for run in runs]
        spread = statistics.stdev(final) if len(final) > 1 else 0.0
        print(
            f"| {name} | {statistics.mean(final):.3f} ± {spread:.3f} | {min(final):.2f} to {max(final):.2f} "
            f"| {statistics.mean(run.final.train_accuracy for run in runs):.2f} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
