"""The course's loop as its author would write it: what everything else is measured against.

A DataLoader over per-image PIL transforms, eager PyTorch on all cores, L1 summed over the parameters in a loop, and an
evaluation after the epoch.
"""

from __future__ import annotations

import random
import time
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import nn
from torch.nn import functional as F
from torch.utils.data import DataLoader

from normlab.data import Dataset
from normlab.models import build
from normlab.records import Job

BATCH = 128
LAMBDA = 1e-4


class PilDigits(torch.utils.data.Dataset[tuple[torch.Tensor, int]]):
    """One digit at a time through PIL, as torchvision's MNIST with transforms does it."""

    def __init__(self, images: NDArray[np.uint8], labels: NDArray[np.int64], degrees: float) -> None:
        self.images, self.labels, self.degrees = images, labels, degrees

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, i: int) -> tuple[torch.Tensor, int]:
        """A standardized image (1, H, W) and its label."""
        image = Image.fromarray(self.images[i, 0])
        if self.degrees:
            image = image.rotate(random.uniform(-self.degrees, self.degrees))  # noqa: S311 - no secret
        pixels = torch.from_numpy(np.array(image)).unsqueeze(0).float().div(255)
        return pixels.sub(0.1307).div(0.3081), int(self.labels[i])


def epoch_seconds(job: Job, data: Dataset) -> float:
    """Seconds of one epoch with its evaluation, one model on all cores."""
    model = build(job)
    train = DataLoader(PilDigits(data.train_images, data.train_labels, 7.0), batch_size=BATCH, shuffle=True)
    test = DataLoader(PilDigits(data.test_images, data.test_labels, 0.0), batch_size=BATCH)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9)
    start = time.perf_counter()
    _train(model, train, optimizer)
    _test(model, test)
    return time.perf_counter() - start


def _train(model: nn.Module, loader: DataLoader[Any], optimizer: torch.optim.Optimizer) -> None:
    """The notebook's `train()`."""
    model.train()
    correct = processed = 0.0
    for x, y in loader:
        optimizer.zero_grad()
        output = F.log_softmax(model(x), dim=1)
        l1 = torch.zeros(())
        for p in model.parameters():
            l1 = l1 + p.abs().sum()
        loss = F.nll_loss(output, y) + LAMBDA * l1
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        right = output.argmax(dim=1, keepdim=True)
        correct += right.eq(y.view_as(right)).sum().item()
        processed += len(x)
        f"Loss={loss.item()} Accuracy={100 * correct / processed:0.2f}"  # what its progress bar shows


@torch.no_grad()
def _test(model: nn.Module, loader: DataLoader[Any]) -> None:
    """The notebook's `test()`."""
    model.eval()
    loss = correct = 0.0
    for x, y in loader:
        output = F.log_softmax(model(x), dim=1)
        loss += F.nll_loss(output, y, reduction="sum").item()
        right = output.argmax(dim=1, keepdim=True)
        correct += right.eq(y.view_as(right)).sum().item()
