"""The course's loop beside ours: the same network and recipe, alternating in one run.

Theirs is written as the author of such a notebook would write it: a DataLoader over per-image PIL transforms, eager
PyTorch on all cores, L1 summed over the parameters in a loop. Ours is the engine that `normlab compare` uses: as many
runs at a time as there are cores. The figure is trained images per second over the whole machine, evaluation left out.

    python benchmarks/course_loop.py [--rounds 5] [--batches 80] [--norms bn,ln,gn]
"""

from __future__ import annotations

import argparse
import multiprocessing
import random
import statistics
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace

import numpy as np
import torch
from PIL import Image
from torch import nn
from torch.nn import functional as F
from torch.utils.data import DataLoader

from normlab import data, execute, training
from normlab.execute.memory import keep_freed_memory
from normlab.models import build
from normlab.records import Job
from normlab.spec import Arm, Recipe

BATCH = 128
LAMBDA = 1e-4


class PilDigits(torch.utils.data.Dataset):
    """One digit at a time through PIL, as torchvision's MNIST with transforms does it."""

    def __init__(self, images: np.ndarray, labels: np.ndarray) -> None:
        self.images, self.labels = images, labels

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, i: int) -> tuple[torch.Tensor, int]:
        turned = Image.fromarray(self.images[i, 0]).rotate(random.uniform(-7.0, 7.0))  # noqa: S311 - no secret
        pixels = torch.from_numpy(np.array(turned)).unsqueeze(0).float().div(255)
        return pixels.sub(0.1307).div(0.3081), int(self.labels[i])


def course_epoch(model: nn.Module, loader: DataLoader, optimizer: torch.optim.Optimizer) -> None:
    """The notebook's `train()`."""
    model.train()
    correct = processed = 0
    for x, y in loader:
        optimizer.zero_grad()
        output = F.log_softmax(model(x), dim=1)
        l1 = 0
        for p in model.parameters():
            l1 = l1 + p.abs().sum()
        loss = F.nll_loss(output, y) + LAMBDA * l1
        loss.backward()
        optimizer.step()
        correct += output.argmax(dim=1, keepdim=True).eq(y.view_as(output.argmax(dim=1, keepdim=True))).sum().item()
        processed += len(x)
        f"Loss={loss.item()} Accuracy={100 * correct / processed:0.2f}"  # what its progress bar shows


def time_course(norm: str, images: data.Dataset) -> float:
    """Images per second of the course's loop, one model on all cores."""
    model = build(_job(norm))
    loader = DataLoader(PilDigits(images.train_images, images.train_labels), batch_size=BATCH, shuffle=True)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9)
    start = time.perf_counter()
    course_epoch(model, loader, optimizer)
    return len(images.train_labels) / (time.perf_counter() - start)


def time_ours(norm: str, images: data.Dataset, pool: ProcessPoolExecutor) -> float:
    """Images per second of our engine, one run on each core at the same time."""
    runs = execute.cores()
    start = time.perf_counter()
    list(pool.map(_train_quietly, [_job(norm, seed) for seed in range(runs)], [images] * runs))
    return runs * len(images.train_labels) / (time.perf_counter() - start)


def _job(norm: str, seed: int = 0) -> Job:
    recipe = Recipe.model_validate({"preset": "course", "epochs": 1})
    return Job(recipe, Arm(norm=norm, l1=LAMBDA, l1_on="all"), seed, engine="lanes")


def _train_quietly(job: Job, images: data.Dataset) -> None:
    keep_freed_memory()
    torch.set_num_threads(1)
    training.train(job, images)


def first(images: data.Dataset, count: int) -> data.Dataset:
    """The first `count` training images, and one batch to judge by."""
    return replace(
        images,
        train_images=images.train_images[:count],
        train_labels=images.train_labels[:count],
        test_images=images.test_images[:1],
        test_labels=images.test_labels[:1],
    )


def main() -> None:
    """Alternate, and print medians with their spread."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--batches", type=int, default=80)
    parser.add_argument("--norms", default="bn,ln,gn")
    options = parser.parse_args()
    images = first(data.load("mnist"), options.batches * BATCH)
    torch.set_num_threads(execute.cores())
    print(f"{execute.cores()} cores, torch {torch.__version__}, {options.rounds} rounds of {options.batches} batches")
    print(f"{'norm':<6}{'course loop':>22}{'normlab':>24}{'ratio, median (range)':>28}")
    means = []
    with ProcessPoolExecutor(execute.cores(), multiprocessing.get_context("spawn")) as pool:
        for norm in options.norms.split(","):
            time_ours(norm, first(images, BATCH), pool)  # processes start and import once
            time_course(norm, first(images, BATCH))
            pairs = [(time_course(norm, images), time_ours(norm, images, pool)) for _ in range(options.rounds)]
            theirs, ours = zip(*pairs, strict=True)
            ratios = sorted(b / a for a, b in pairs)
            means.append(statistics.median(ratios))
            print(
                f"{norm:<6}{statistics.median(theirs):>12,.0f} images/s{statistics.median(ours):>14,.0f} images/s"
                f"{means[-1]:>13.2f} × ({ratios[0]:.2f} to {ratios[-1]:.2f})"
            )
    print(f"mean of the norms' medians: {statistics.mean(means):.2f} ×")


if __name__ == "__main__":
    main()
