"""What becomes of one job while the loop goes on."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from itertools import groupby
from typing import Any

import torch
from torch import nn

from normlab.data import Dataset
from normlab.penalties import abs_sum
from normlab.records import Epoch, Flow, Job, KernelSize, RunRecord
from normlab.training.evaluate import Judgement
from normlab.training.penalty import penalised
from normlab.training.record import record_of
from normlab.training.sizes import sizes


class Run:
    """The finished epochs of a job's network, and the epoch in which its loss stopped being a number, if it did."""

    def __init__(self, job: Job, model: nn.Module) -> None:
        self.job, self.model = job, model
        self.epochs: list[Epoch] = []
        self.sizes: dict[int, tuple[KernelSize, ...]] = {}
        self.flow: list[Flow] = []
        self.judged: Judgement | None = None
        self.diverged_at: int | None = None

    def keep(self, epoch: Epoch, judged: Judgement) -> bool:
        """An epoch is over; whether it is one to keep. Of a run that has diverged none is."""
        if self.diverged_at is None and not math.isfinite(epoch.train_loss + epoch.penalty + epoch.judged_loss):
            self.diverged_at, self.judged = epoch.epoch, None
        if self.diverged_at is not None:
            return False
        self.epochs.append(epoch)
        self.judged = judged
        self.measure()
        return True

    def measure(self) -> None:
        """Note how large the kernels are now, after the last epoch."""
        number = self.epochs[-1].epoch
        self.sizes[number] = sizes(self.model, number)

    def facts(self) -> dict[str, Any]:
        """What is known of it so far, as JSON can hold it; the weights are the stepper's."""
        sizes = [size for of_epoch in self.sizes.values() for size in of_epoch]
        lists: dict[str, Sequence[Any]] = {"epochs": self.epochs, "sizes": sizes, "flow": self.flow}
        return {name: [asdict(each) for each in found] for name, found in lists.items()}

    def go_on(self, facts: Mapping[str, Any]) -> None:
        """From another one's `facts`."""
        self.epochs = [Epoch(**each) for each in facts["epochs"]]
        self.flow = [Flow(**each) for each in facts["flow"]]
        sizes = [KernelSize(**each) for each in facts["sizes"]]
        self.sizes = {number: tuple(of_epoch) for number, of_epoch in groupby(sizes, lambda size: size.epoch)}

    @torch.no_grad()
    def abs_sum(self) -> float:
        """Σ|p| over the parameters that the job's penalty acts on."""
        return float(abs_sum(penalised(self.job, self.model)))

    def record(self, data: Dataset, seconds: float) -> RunRecord:
        """What the run leaves behind, once its network is as it will be kept."""
        if self.judged:
            self.measure()
        found = [size for of_epoch in self.sizes.values() for size in of_epoch]
        last = self.judged.probabilities if self.judged else None
        return record_of(
            *(self.job, data, self.model),
            epochs=self.epochs,
            probabilities=last,
            sizes=found,
            flow=self.flow,
            seconds=seconds,
            diverged_at=self.diverged_at,
        )
