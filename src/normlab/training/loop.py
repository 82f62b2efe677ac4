"""The loop around every engine: epochs, schedule, batches, sums, kernel sizes, events, divergence, the record."""

from __future__ import annotations

import time
from collections.abc import Sequence

import torch

from normlab.data import Dataset
from normlab.data.batches import Batches
from normlab.data.prepare import prepare
from normlab.data.split import Split, split
from normlab.events import BatchDone, EpochDone, Tell, silent
from normlab.records import Epoch, Job, RunRecord
from normlab.training.device import device_called
from normlab.training.engine import Engine
from normlab.training.evaluate import Judgement
from normlab.training.flow import Probe, due
from normlab.training.run import Run
from normlab.training.schedule import rate
from normlab.training.tally import Tally

TOLD_EVERY = 8
"""Batches between two events: reading the sums more often would make a GPU wait."""


def train(engine: Engine, jobs: Sequence[Job], data: Dataset, tell: Tell = silent) -> list[RunRecord]:
    """Train jobs side by side in one program, and give what each leaves behind, in their order.

    Args:
        engine: what makes the steps.
        jobs: at most as many as the engine's width, alike in what the loop does: images, batch size, epochs, schedule.
        data: their data set as it is stored.
        tell: told of every run's batches and epochs.

    The process's own torch random state is left as it was. Raises what `Engine.stepper` raises.
    """
    job = jobs[0]
    images = prepare(split(data, job.recipe, job.root), job.recipe.preprocess)  # once a process: in no run's seconds
    start = time.perf_counter()
    with torch.random.fork_rng(devices=range(torch.cuda.device_count()) if job.device == "cuda" else []):
        loop = Loop(engine, jobs, images, tell)
        loop.all_epochs()
    return [run.record(data, time.perf_counter() - start) for run in loop.runs]


class Loop:
    """Runs under way in one program."""

    def __init__(self, engine: Engine, jobs: Sequence[Job], images: Split, tell: Tell) -> None:
        self.recipe, self.images, self.tell = jobs[0].recipe, images, tell
        self.batches = Batches(images, self.recipe, jobs[0].root)
        self.stepper = engine.stepper(jobs, images)
        self.probe = Probe(images, jobs[0].root, device_called(jobs[0].device))
        self.runs = [Run(job, model) for job, model in zip(jobs, self.stepper.models, strict=True)]

    def all_epochs(self) -> None:
        """Train until the last epoch, or until every run has diverged."""
        for number in range(1, self.recipe.epochs + 1):
            self.one_epoch(number)
            if all(run.diverged_at is not None for run in self.runs):
                break
        self.stepper.finish()

    def one_epoch(self, number: int) -> None:
        """Train over every batch once, then judge."""
        start, tally = time.perf_counter(), Tally()
        self.stepper.begin(number)
        together = zip(*(self.batches.epoch(run.job.seed, number) for run in self.runs), strict=True)
        for done, batch in enumerate(together, start=1):
            learning_rate = self.rate(number, done)
            tally.add(self.stepper.step(batch, learning_rate), len(batch[0].labels))
            if done % TOLD_EVERY == 0 or done == len(self.batches):
                self.tell_batch(number, done, tally)
        self.close(number, learning_rate, tally, self.stepper.judge(), start)

    def rate(self, number: int, batch: int) -> float:
        """The learning rate of a batch, counted from 1, of an epoch."""
        step = (number - 1) * len(self.batches) + batch - 1
        return rate(self.recipe.schedule, self.recipe.optimizer.lr, step, self.recipe.epochs * len(self.batches))

    def tell_batch(self, number: int, done: int, tally: Tally) -> None:
        """Tell how far each run is in its epoch."""
        for run, (loss, _, right) in zip(self.runs, tally.means(), strict=True):
            self.tell(
                BatchDone(run.job.name, self.recipe.epochs, number, done, len(self.batches), loss, right, tally.images)
            )

    def close(self, number: int, learning_rate: float, tally: Tally, judged: Sequence[Judgement], start: float) -> None:
        """Put down what each run's epoch came to, and tell of it where it is one to keep."""
        for run, (loss, penalty, right), found in zip(self.runs, tally.means(), judged, strict=True):
            epoch = Epoch(
                epoch=number,
                learning_rate=learning_rate,
                train_loss=loss,
                penalty=penalty,
                abs_sum=run.abs_sum(),
                train_correct=right,
                train_images=tally.images,
                judged_loss=found.loss,
                judged_correct=found.correct,
                judged_images=len(self.images.judged_labels),
                seconds=time.perf_counter() - start,
            )
            if run.keep(epoch, found):
                if due(number, tally.images):
                    run.flow += self.probe.look(run.model, number)
                self.tell(EpochDone(run.job.name, self.recipe.epochs, epoch))
