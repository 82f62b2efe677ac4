"""One run on compiled kernels: a step and the judging are programs, and all they touch lies in their memory."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch

from normlab.allocator import give_back
from normlab.data.batches import Batch
from normlab.data.split import Split
from normlab.models import build
from normlab.records import Job
from normlab.training.engine import State
from normlab.training.evaluate import Judgement, judgement
from normlab.training.lanes.images import Images
from normlab.training.lanes.network import Network
from normlab.training.lanes.target import fitting
from normlab.training.lanes.update import update_for
from normlab.training.masks import Masks
from normlab.training.state import joined, part


class LanesStepper:
    """See `Stepper`. The optimizer and the penalty are kernels too."""

    def __init__(self, job: Job, images: Split) -> None:
        self.job, self.model = job, build(job)
        self.models = [self.model]
        self.masks = Masks(self.model)
        count, channels, height, width = images.train_images.shape
        size = job.recipe.batch_size
        self.network = Network(self.model, (channels, height, width), min(size, count), fitting(size))
        self.masks.take(self.network.called)
        self.update = update_for(self.network, self.model, job.recipe.optimizer, job.recipe.active_penalty)
        self.images, self.judged = (
            Images(stored, images.mean, images.std, self.network)
            for stored in (images.train_images, images.judged_images)
        )
        self.labels = torch.from_numpy(images.judged_labels.copy())
        give_back()  # parameters lie in the network's own memory now, and its steps allocate nothing

    def begin(self, epoch: int) -> None:
        """See `Stepper.begin`."""
        self.masks.begin(self.job.root, self.job.replicate, epoch)

    def step(self, batches: Sequence[Batch], learning_rate: float) -> torch.Tensor:
        """See `Stepper.step`."""
        (batch,) = batches
        self.images.load(batch.numbers, batch.changes)
        loss, right = self.network.step(batch.labels)
        return torch.tensor([[loss * len(batch.labels), self.update.step(learning_rate), right]])

    def judge(self) -> Sequence[Judgement]:
        """See `Stepper.judge`."""
        room, count = self.network.blocks * self.network.lanes, len(self.labels)
        scores = np.empty((count, self.network.classes), np.float32)
        self.network.refresh()
        for start in range(0, count, room):
            chosen = np.arange(start, min(start + room, count))
            self.judged.load(chosen)
            scores[chosen] = self.network.scores(len(chosen))
        return [judgement(torch.from_numpy(scores), self.labels)]

    def finish(self) -> None:
        """See `Stepper.finish`."""
        self.update.finish()

    def state(self) -> State:
        """See `Stepper.state`."""
        tensors = {"model": self.model.state_dict(), "update": self.update.state()}
        return {**joined(tensors), "dropout": self.masks.streams()}

    def load(self, state: State) -> None:
        """See `Stepper.load`."""
        self.model.load_state_dict(part(state, "model"))
        self.update.load(part(state, "update"))
        self.masks.resume(state["dropout"])
