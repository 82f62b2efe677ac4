"""Checkpoints of the plain loop: after an epoch, all that the next one depends on.

Order, augmentation and dropout of an epoch come from streams that begin with it: nothing of them has to be kept.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from itertools import groupby

import torch
from torch import nn

from normlab.data import Dataset
from normlab.penalties import Term
from normlab.records import Checkpoint, Epoch, Job, KernelSize
from normlab.training.environment import environment
from normlab.training.memory import Memory, Pace
from normlab.training.state import load, taken

Sizes = Mapping[int, Sequence[KernelSize]]


@dataclass
class AfterEpochs:
    """What is saved of a run between two epochs, if there is a `memory`, and what it goes on with.

    Args:
        memory: where checkpoints lie; None where none are made.
        job, data: what is trained, on which stored data set.
        model, optimizer, penalty: as they are before the first epoch.
    """

    memory: Memory | None
    job: Job
    data: Dataset
    model: nn.Module
    optimizer: torch.optim.Optimizer
    penalty: Term
    pace: Pace = field(default_factory=Pace)

    def go_on(self) -> tuple[list[Epoch], dict[int, Sequence[KernelSize]], float]:
        """The epochs that were made before, with the kernels' sizes after each and the seconds that they took.

        The network is as it was after the last of them. There are none where nothing was saved in this environment.
        """
        found = self.memory.recall(self.job) if self.memory else None
        if found is None or found.facts["environment"] != self._environment:
            return [], {}, 0.0
        load(found.state, self.model, self.optimizer, self.penalty)
        sizes = groupby((KernelSize(**each) for each in found.facts["sizes"]), lambda size: size.epoch)
        epochs = [Epoch(**each) for each in found.facts["epochs"]]
        return epochs, {number: [*of_epoch] for number, of_epoch in sizes}, found.facts["seconds"]

    def save(self, epochs: Sequence[Epoch], kernels: Sizes, seconds: float) -> None:
        """Make a checkpoint if one is due, and another epoch is to come."""
        over = len(epochs) == self.job.recipe.epochs
        if self.memory is None or over or not (self.pace.due(over=True) or self.memory.asked()):
            return
        start = time.monotonic()
        facts = {
            "environment": self._environment,
            "place": [len(epochs) + 1, 0],
            "seconds": seconds,
            "epochs": [asdict(epoch) for epoch in epochs],
            "sizes": [asdict(size) for of_epoch in kernels.values() for size in of_epoch],
        }
        self.memory.save(self.job, Checkpoint(taken(self.model, self.optimizer, self.penalty), facts))
        self.pace.saved(start)

    @property
    def _environment(self) -> dict[str, object]:
        return asdict(environment(self.job, self.data))
