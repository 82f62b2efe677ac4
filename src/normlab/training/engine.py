"""What an engine is: it says which jobs it covers, and makes steppers; all else about training is the loop's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import torch
from numpy.typing import NDArray
from torch import nn

from normlab.data.batches import Batch
from normlab.data.split import Split
from normlab.records import Job
from normlab.training.evaluate import Judgement

State = Mapping[str, NDArray[Any]]
"""Arrays by name: all that the next step of a stepper depends on."""


@dataclass(frozen=True)
class Refusal:
    """Why an engine cannot take a job, in one sentence without its full stop."""

    why: str


class Stepper(Protocol):
    """Runs of one shape under way in one program. What it is given and gives has one item for each run, in order."""

    @property
    def models(self) -> Sequence[nn.Module]:
        """The networks as PyTorch knows them, with the weights that the last step left."""

    def begin(self, epoch: int) -> None:
        """Start the streams of chance of an epoch, counted from 1."""

    def step(self, batches: Sequence[Batch], learning_rate: float) -> torch.Tensor:
        """One step of the optimizer.

        Gives (loss × images, penalty, right images) of each run as they were before it, float32 (runs, 3), on the
        device, so that no batch has to wait for them.
        """

    def judge(self) -> Sequence[Judgement]:
        """Evaluate the networks on the judged images; nothing that a step depends on changes."""

    def finish(self) -> None:
        """Training is over: leave the networks as they will be kept."""

    def state(self) -> State:
        """All that the next step depends on, copied, so that the runs can go on elsewhere, bit for bit."""

    def load(self, state: State) -> None:
        """Go on from the `state` of a stepper of the same jobs."""


class Engine(Protocol):
    """A way to train runs. One that is made anew has tried nothing out yet."""

    name: str
    width: int
    """How many runs of one shape it likes to train in one program."""

    def covers(self, job: Job, shape: tuple[int, int, int], images: int = 0) -> Refusal | None:
        """Why it cannot take the job, on so many images of (C, H, W) to train on or to judge; None where it can."""

    def stepper(self, jobs: Sequence[Job], images: Split) -> Stepper:
        """Begin at most `width` runs on images as their networks are to see them.

        Raises `EngineError` where one is not covered, `DeviceError` for a device that is not there.
        """
