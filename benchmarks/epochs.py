"""Seconds of an epoch of each network on real images, by a rehearsal of a few steps, on one core.

    python benchmarks/epochs.py [--batch-size 128]

Batch norm; the engine is the fastest that takes the network. Runs side by side share the memory's bandwidth, so that
two processes on two cores make a little less than twice as many epochs.
"""

from __future__ import annotations

import argparse

from normlab.data import load
from normlab.models.jobs import job_of
from normlab.spec import design
from normlab.training import choose
from normlab.training.engines import ENGINES
from normlab.training.rehearsal import rehearse

NETWORKS = {
    "mnist": ("course", "lean", "lenet5", "mlp"),
    "cifar10": ("lean", "resnet8", "resnet20", "s8", "vit"),
}
ROUNDS = 3


def main() -> None:
    """Print a row for each network."""
    asked = argparse.ArgumentParser()
    asked.add_argument("--batch-size", type=int, default=128)
    size = asked.parse_args().batch_size
    print("| network | images | engine | seconds an epoch |\n|---|---|---|---:|")
    for name, networks in NETWORKS.items():
        data = load(name)
        shape = data.train_images.shape[1:]
        for network in networks:
            norm = "ln" if network == "vit" else "bn"
            study = design(norms=[norm], l1=[0], model=network, dataset=name, epochs=1, batch_size=size)
            job = job_of(study.arms[0].recipe, 0, engine="auto")
            engine = choose([job], shape).engine
            seconds = sorted(rehearse(ENGINES[engine](), job, data).seconds for _ in range(ROUNDS))[ROUNDS // 2]
            print(f"| `{network}` | {name} | {engine} | {seconds:.0f} |", flush=True)


if __name__ == "__main__":
    main()
