"""PyTorch as it comes, fed fast: resident images, batched augmentation, images and weights channels last.

On a CPU oneDNN's convolutions for few channels are about twice as fast channels last. One thread per process and one
process per core (see `normlab.execution`) does the rest.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import nn
from torch.nn import functional as F

from normlab import seeds
from normlab.data.batches import Batch
from normlab.data.resident import Resident, on_device
from normlab.data.split import Split
from normlab.models import build
from normlab.penalties import of_recipe
from normlab.records import Job
from normlab.training.device import device_called
from normlab.training.engine import Refusal, State
from normlab.training.evaluate import Judgement, judge
from normlab.training.layout import in_layout, layout_of
from normlab.training.masks import Masks
from normlab.training.optim import optimizer_for, set_rate
from normlab.training.state import joined, load, part, taken


class Eager:
    """The engine that takes every network, on every device; see `Engine`."""

    name, width = "eager", 1

    def covers(self, job: Job, shape: tuple[int, int, int], images: int = 0) -> Refusal | None:  # noqa: ARG002 - all
        """See `Engine.covers`."""
        return None

    def stepper(self, jobs: Sequence[Job], images: Split) -> EagerStepper:
        """See `Engine.stepper`."""
        (job,) = jobs
        return EagerStepper(job, images)


class EagerStepper:
    """One run on PyTorch's own operations; see `Stepper`."""

    def __init__(self, job: Job, images: Split) -> None:
        self.job, self.device = job, device_called(job.device)
        model = build(job).to(self.device)
        self.layout = layout_of(model, job.shape)
        self.model: nn.Module = in_layout(model, self.layout)
        self.models = [self.model]
        self.masks = Masks(self.model)
        self.images = Resident(images.train_images, images.mean, images.std, self.device)
        self.judged = Resident(images.judged_images, images.mean, images.std, self.device)
        self.labels = torch.from_numpy(images.judged_labels.copy()).to(self.device)
        self._equip()

    def _equip(self) -> None:
        """Make the optimizer, after the penalty has had its turn at the model."""
        self.penalty = of_recipe(self.job.recipe)
        if self.penalty:
            self.penalty.attach(self.model)
        self.optimizer = optimizer_for(self.model, self.job.recipe.optimizer)
        if self.penalty:
            self.penalty.watch(self.optimizer)

    def begin(self, epoch: int) -> None:
        """See `Stepper.begin`; a model's own draws come from torch's generator."""
        torch.manual_seed(seeds.integer(self.job.root, "torch", self.job.replicate, epoch))
        self.masks.begin(self.job.root, self.job.replicate, epoch)

    def step(self, batches: Sequence[Batch], learning_rate: float) -> torch.Tensor:
        """See `Stepper.step`."""
        (batch,) = batches
        set_rate(self.optimizer, learning_rate)
        labels = on_device(batch.labels, self.device)
        x = self.images.batch(batch).contiguous(memory_format=self.layout)
        with self.masks.passing():
            logits = self.model(x)
        loss = F.cross_entropy(logits, labels)
        charged = self._descend(loss)
        right = (logits.argmax(1) == labels).sum()
        return torch.stack([loss.detach() * len(labels), charged, right]).unsqueeze(0)

    def _descend(self, loss: torch.Tensor) -> torch.Tensor:
        """Move the parameters down the loss and the penalty; gives what the penalty amounted to before."""
        penalty = self.penalty.loss(self.model) if self.penalty else loss.new_zeros(())
        self.optimizer.zero_grad()
        torch.autograd.backward(loss + penalty if self.penalty else loss)
        charged = self._charged(penalty.detach())
        self.optimizer.step()
        if self.penalty:
            self.penalty.step(self.optimizer)
        return charged

    @torch.no_grad()
    def _charged(self, in_loss: torch.Tensor) -> torch.Tensor:
        """What the penalty amounts to now, of which so much is in the loss."""
        if self.penalty is None or self.penalty.all_in_loss:
            return in_loss
        return self.penalty.value(self.model)

    def judge(self) -> Sequence[Judgement]:
        """See `Stepper.judge`."""
        batches = zip(self.judged.in_order(), torch.split(self.labels, self.judged.at_once), strict=True)
        found = judge(self.model, batches, self.layout)
        self.model.train()
        return [found]

    def finish(self) -> None:
        """See `Stepper.finish`."""
        if self.penalty:
            self.penalty.collapse(self.model)

    def state(self) -> State:
        """See `Stepper.state`; torch's own generator is part of it."""
        trained = taken(self.model, self.optimizer, self.penalty)
        generator = joined({"torch": {"generator": self._generator().get_rng_state()}})
        return {**trained, **generator, "dropout": self.masks.streams()}

    def load(self, state: State) -> None:
        """See `Stepper.load`; sets torch's own generator."""
        load(state, self.model, self.optimizer, self.penalty)
        self.masks.resume(state["dropout"])
        self._generator().set_rng_state(part(state, "torch")["generator"])

    def _generator(self) -> Any:
        """The module that owns the device's generator."""
        return torch.random if self.device.type == "cpu" else torch.get_device_module(self.device)
