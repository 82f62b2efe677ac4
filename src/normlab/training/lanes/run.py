"""The reference run with its heavy parts exchanged: a step and the judging are done by compiled kernels.

Order, augmentation, masks, schedule and record are the reference's own code.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch
from numpy.typing import NDArray

from normlab.data import Dataset
from normlab.data.batches import PlainFeed
from normlab.records import Job
from normlab.training.evaluate import Judgement, judgement
from normlab.training.events import Watch
from normlab.training.lanes.images import Images
from normlab.training.lanes.network import Network
from normlab.training.lanes.update import update_for
from normlab.training.reference import Run

Chosen = tuple[NDArray[np.int64], NDArray[np.float32] | None]
"""Numbers of images and their maps."""


class NumbersFeed(PlainFeed):
    """The same batches by number: the images themselves are loaded by a kernel."""

    def epoch(self, seed: int, epoch: int) -> Iterator[tuple[Chosen, NDArray[np.int64]]]:  # type: ignore[override]
        """Each batch's images by number with their maps, and their labels."""
        order, maps = self.plan(seed, epoch)
        for start in range(0, len(order), self.recipe.batch_size):
            chosen = order[start : start + self.recipe.batch_size]
            yield (chosen, None if maps is None else maps[chosen]), self.parts.train_labels[chosen]


class LanesRun(Run):
    """One run on compiled kernels."""

    feed: NumbersFeed  # type: ignore[assignment]  # batches are numbers here, and `learn` takes them

    def __init__(self, job: Job, data: Dataset, watch: Watch) -> None:
        super().__init__(job, data, watch, NumbersFeed, torch.contiguous_format)  # type: ignore[arg-type]
        parts = self.feed.parts
        _, channels, height, width = parts.train_images.shape
        batch = min(self.recipe.batch_size, len(parts.train_images))
        self.network = Network(self.model, (channels, height, width), batch)
        self.update = update_for(self.network, self.model, self.recipe.optimizer, job.arm.penalty)
        self.images, self.judged = (
            Images(images, data.mean, data.std, self.network) for images in (parts.train_images, parts.judged_images)
        )

    def equip(self) -> None:
        """The optimizer and the penalty are kernels, made when the network is."""

    def finish(self) -> None:
        """See `Run.finish`."""
        self.update.finish()

    def step(self, x: Chosen, y: NDArray[np.int64], learning_rate: float) -> torch.Tensor:  # type: ignore[override]
        """See `Run.step`."""
        self.images.load(*x)
        loss, right = self.network.step(y)
        return torch.tensor([loss * len(y), self.update.step(learning_rate), right])

    def judge(self) -> Judgement:
        """See `Run.judge`."""
        room, count = self.network.blocks * self.network.lanes, len(self.feed.labels)
        scores = np.empty((count, self.network.classes), np.float32)
        for start in range(0, count, room):
            chosen = np.arange(start, min(start + room, count))
            self.judged.load(chosen)
            scores[chosen] = self.network.scores(len(chosen))
        return judgement(torch.from_numpy(scores), torch.from_numpy(self.feed.labels.copy()))
