"""The loop one would teach, top to bottom. Every fast engine has a test that it computes what this computes."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from normlab import seeds
from normlab.data import Dataset
from normlab.data.batches import Feed, PlainFeed
from normlab.data.prepare import prepare
from normlab.models import build
from normlab.models.summary import parameter_count
from normlab.penalties import abs_sum, named, of_arm
from normlab.records import Epoch, Job, KernelSize, RunRecord
from normlab.training.device import device_called
from normlab.training.dropout import pair, reseed
from normlab.training.environment import environment
from normlab.training.evaluate import Judgement, judge
from normlab.training.events import BatchDone, EpochDone, Watch, silent
from normlab.training.optim import optimizer_for, set_rate
from normlab.training.schedule import rate
from normlab.training.sizes import sizes

MakeFeed = Callable[..., Feed]
TOLD_EVERY = 8
"""Batches between two words to the watch: reading the sums more often would make a GPU wait."""


def train(
    job: Job,
    data: Dataset,
    watch: Watch = silent,
    make_feed: MakeFeed = PlainFeed,
    layout: torch.memory_format = torch.contiguous_format,
) -> RunRecord:
    """Train the job's arm on its seed and return what the run leaves behind.

    Args:
        job: recipe, arm, seed and device.
        data: the recipe's data set.
        watch: told of every batch and epoch.
        make_feed: where batches come from.
        layout: the memory format of images and weights.

    The process's own torch random state is left as it was.
    """
    return record_of(job, data, lambda seen: Run(job, seen, watch, make_feed, layout))


def record_of(job: Job, data: Dataset, begin: Callable[[Dataset], Run]) -> RunRecord:
    """Begin a run on the data set as the job's network is to see it, see it through, and give what it leaves behind."""
    seen = prepare(data, job.preprocess)  # once a process, and so in no run's seconds
    start = time.perf_counter()
    with torch.random.fork_rng(devices=range(torch.cuda.device_count()) if job.device == "cuda" else []):
        run = begin(seen)
        epochs, last, diverged_at = run.all_epochs()
        run.finish()
        run.measure(epochs)
    return RunRecord(
        arm=job.arm.name,
        seed=job.seed,
        parameters=parameter_count(run.model),
        epochs=tuple(epochs),
        probabilities=last.probabilities if last else np.empty((0, 0), np.float32),
        weights={name: value.cpu().numpy().copy() for name, value in run.model.state_dict().items()},
        seconds=time.perf_counter() - start,
        environment=environment(job, data),
        diverged_at=diverged_at,
        sizes=tuple(size for epoch in epochs for size in run.sizes[epoch.epoch]),
    )


def in_layout(model: nn.Module, layout: torch.memory_format) -> nn.Module:
    """The model with its convolution kernels in a memory format."""
    return torch.nn.utils.convert_conv2d_weight_memory_format(model, layout)


@dataclass
class Tally:
    """Sums over the batches of an epoch, kept on the device so that no batch has to wait for them."""

    sums: torch.Tensor  # data loss × images, penalty, correct images
    images: int = 0
    batches: int = 0

    def add(self, batch: torch.Tensor, images: int) -> None:
        """Add a batch's sums."""
        self.sums += batch
        self.images += images
        self.batches += 1

    def means(self) -> tuple[float, float, int]:
        """Mean loss per image, mean penalty per batch, correct images."""
        loss, penalty, correct = self.sums.tolist()
        return loss / self.images, penalty / self.batches, int(correct)


class Run:
    """One run under way: its model, optimizer, penalty and batches; the data set is a prepared one."""

    def __init__(self, job: Job, data: Dataset, watch: Watch, make_feed: MakeFeed, layout: torch.memory_format) -> None:
        self.job, self.recipe, self.watch, self.layout = job, job.recipe, watch, layout
        self.device = device_called(job.device)
        self.feed = make_feed(data, self.recipe, job.root, self.device)
        self.model: nn.Module = in_layout(build(job).to(self.device), layout)
        self.dropouts = pair(self.model)
        self.penalty = of_arm(job.arm.penalty, self.recipe.optimizer)
        self.sizes: dict[int, tuple[KernelSize, ...]] = {}
        self.equip()

    def equip(self) -> None:
        """Make the optimizer, after the penalty has had its turn at the model."""
        if self.penalty:
            self.penalty.attach(self.model)
        self.optimizer = optimizer_for(self.model, self.recipe.optimizer)
        if self.penalty:
            self.penalty.watch(self.optimizer)

    def all_epochs(self) -> tuple[list[Epoch], Judgement | None, int | None]:
        """The finished epochs, the last judgement, and the epoch at which the loss stopped being a number."""
        done: list[Epoch] = []
        judged = None
        for number in range(1, self.recipe.epochs + 1):
            epoch, judged = self.one_epoch(number)
            if not (math.isfinite(epoch.train_loss + epoch.penalty) and math.isfinite(epoch.judged_loss)):
                return done, None, number
            done.append(epoch)
            self.measure(done)
            self.watch(EpochDone(epoch))
        return done, judged, None

    def one_epoch(self, number: int) -> tuple[Epoch, Judgement]:
        """Train over every batch once, then judge."""
        start = time.perf_counter()
        self.model.train()
        torch.manual_seed(seeds.integer(self.job.root, "torch", self.job.seed, number))
        reseed(self.dropouts, self.job.root, self.job.seed, number)
        tally = Tally(torch.zeros(3, device=self.device))
        for i, (x, y) in enumerate(self.feed.epoch(self.job.seed, number)):
            learning_rate = self.rate((number - 1) * self.feed.batches + i)
            tally.add(self.step(x, y, learning_rate), len(y))
            if (i + 1) % TOLD_EVERY == 0 or i + 1 == self.feed.batches:
                loss, _, correct = tally.means()
                self.watch(BatchDone(number, i + 1, self.feed.batches, loss, correct, tally.images))
        judged = self.judge()
        loss, penalty, correct = tally.means()
        with torch.no_grad():
            size = float(abs_sum(self.penalised()))
        return Epoch(
            epoch=number,
            learning_rate=learning_rate,
            train_loss=loss,
            penalty=penalty,
            abs_sum=size,
            train_correct=correct,
            train_images=tally.images,
            judged_loss=judged.loss,
            judged_correct=judged.correct,
            judged_images=len(self.feed.labels),
            seconds=time.perf_counter() - start,
        ), judged

    def rate(self, step: int) -> float:
        """The learning rate of a step, counted from 0 over all epochs."""
        return rate(self.recipe.schedule, self.recipe.optimizer.lr, step, self.recipe.epochs * self.feed.batches)

    def step(self, x: torch.Tensor, y: torch.Tensor, learning_rate: float) -> torch.Tensor:
        """One step of the optimizer; gives (loss × images, penalty, right images) as they were before it."""
        set_rate(self.optimizer, learning_rate)
        logits = self.model(x.contiguous(memory_format=self.layout))
        loss = F.cross_entropy(logits, y)
        penalty = self.penalty.loss(self.model) if self.penalty else loss.new_zeros(())
        self.optimizer.zero_grad()
        torch.autograd.backward(loss + penalty if self.penalty else loss)
        charged = self.charged(penalty.detach())
        self.optimizer.step()
        if self.penalty:
            self.penalty.step(self.optimizer)
        right = (logits.argmax(1) == y).sum()
        return torch.stack([loss.detach() * len(y), charged, right])

    @torch.no_grad()
    def charged(self, in_loss: torch.Tensor) -> torch.Tensor:
        """What the penalty amounts to now, of which so much is in the loss."""
        if self.penalty is None or self.penalty.all_in_loss:
            return in_loss
        return self.penalty.value(self.model)

    def penalised(self) -> list[torch.Tensor]:
        """The parameters that the arm's penalty acts on; the weights without one."""
        if self.penalty:
            return self.penalty.values(self.model)
        return list(named(self.model, "weights").values())

    def measure(self, epochs: Sequence[Epoch]) -> None:
        """Note how large the kernels are now, after the last of these epochs."""
        if epochs:
            self.sizes[epochs[-1].epoch] = sizes(self.model, epochs[-1].epoch)

    def finish(self) -> None:
        """Leave the model as it will be kept."""
        if self.penalty:
            self.penalty.collapse(self.model)

    def judge(self) -> Judgement:
        """Evaluate on the judged images."""
        return judge(self.model, self.feed.judged(), self.layout)
