"""The loop around every engine: epochs, schedule, batches, sums, kernel sizes, events, divergence, the record."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import asdict
from itertools import islice
from typing import Any

import torch

from normlab.data import Dataset
from normlab.data.batches import Batches
from normlab.data.prepare import prepare
from normlab.data.split import Split, split
from normlab.events import BatchDone, EpochDone, Tell, silent
from normlab.records import Checkpoint, Epoch, Job, RunRecord
from normlab.training.device import device_called
from normlab.training.engine import Engine
from normlab.training.environment import environment
from normlab.training.evaluate import Judgement
from normlab.training.flow import Probe, due
from normlab.training.memory import Memory, Pace
from normlab.training.run import Run
from normlab.training.schedule import rate
from normlab.training.tally import Tally

TALLY = "tally"
"""The loop's own array in a checkpoint, beside the stepper's."""
TOLD_EVERY = 8
"""Batches between two events: reading the sums more often would make a GPU wait."""


def train(
    engine: Engine, jobs: Sequence[Job], data: Dataset, tell: Tell = silent, memory: Memory | None = None
) -> list[RunRecord]:
    """Train jobs side by side in one program, and give what each leaves behind, in their order.

    Args:
        engine: what makes the steps.
        jobs: at most as many as the engine's width, alike in what the loop does: images, batch size, epochs, schedule.
        data: their data set as it is stored.
        tell: told of every run's batches and epochs.
        memory: where a single run is saved while it is trained, and goes on from.

    The process's own torch random state is left as it was. Raises what `Engine.stepper` raises.
    """
    job = jobs[0]
    images = prepare(
        split(data, job.recipe, job.root, job.division), job.recipe.preprocess
    )  # once a process: in no run's seconds
    with torch.random.fork_rng(devices=range(torch.cuda.device_count()) if job.device == "cuda" else []):
        loop = Loop(engine, jobs, images, tell)
        if memory is not None and len(jobs) == 1:
            loop.remember(memory, asdict(environment(job, data)))
        loop.all_epochs()
    return [run.record(data, loop.spent) for run in loop.runs]


class Loop:
    """Runs under way in one program."""

    def __init__(self, engine: Engine, jobs: Sequence[Job], images: Split, tell: Tell) -> None:
        self.began = time.perf_counter()
        self.recipe, self.images, self.tell = jobs[0].recipe, images, tell
        self.batches = Batches(images, self.recipe, jobs[0].root)
        self.stepper = engine.stepper(jobs, images)
        self.probe = Probe(images, jobs[0].root, device_called(jobs[0].device))
        self.runs = [Run(job, model) for job, model in zip(jobs, self.stepper.models, strict=True)]
        self.memory: Memory | None = None
        self.environment: dict[str, Any] = {}
        self.pace = Pace()
        self.at(1)

    def at(self, number: int, done: int = 0) -> None:
        """Be in an epoch, with so many of its batches done."""
        self.number, self.done, self.tally = number, done, Tally()
        self.start = time.perf_counter()

    @property
    def spent(self) -> float:
        """Seconds of the runs so far, those before a checkpoint included."""
        return time.perf_counter() - self.began

    def remember(self, memory: Memory, environment: dict[str, Any]) -> None:
        """Go on from the run's last checkpoint, if that was made in the same environment, and make others."""
        self.memory, self.environment = memory, environment
        found = memory.recall(self.runs[0].job)
        if found and found.facts["environment"] == environment:
            self.go_on(found)

    def all_epochs(self) -> None:
        """Train until the last epoch, or until every run has diverged."""
        while self.number <= self.recipe.epochs:
            self.one_epoch()
            if all(run.diverged_at is not None for run in self.runs):
                break
            self.at(self.number + 1)
            if self.number <= self.recipe.epochs:
                self.save(over=True)
        self.stepper.finish()

    def one_epoch(self) -> None:
        """Train over every batch that is left of it, then judge."""
        if not self.done:
            self.stepper.begin(self.number)
        together = zip(*(self.batches.epoch(run.job.replicate, self.number) for run in self.runs), strict=True)
        for batch in islice(together, self.done, None):
            self.done += 1
            self.tally.add(self.stepper.step(batch, self.rate(self.done)), len(batch[0].labels))
            if self.done % TOLD_EVERY == 0 or self.done == len(self.batches):
                self.tell_batch()
            self.save(over=False)
        self.close(self.stepper.judge())

    def save(self, *, over: bool) -> None:
        """Make a checkpoint if one is due, after an epoch that is `over` or within one."""
        if self.memory is None or not (self.pace.due(over=over) or self.memory.asked()):
            return
        start = time.monotonic()
        self.memory.save(self.runs[0].job, self.checkpoint())
        self.pace.saved(start)

    def checkpoint(self) -> Checkpoint:
        """All that the next step depends on, and what became of the run so far."""
        facts = {
            "environment": self.environment,
            "place": [self.number, self.done],
            "tally": [self.tally.images, self.tally.batches],
            "seconds": [time.perf_counter() - self.start, self.spent],
            **self.runs[0].facts(),
        }
        return Checkpoint({**self.stepper.state(), TALLY: self.tally.total()}, facts)

    def go_on(self, found: Checkpoint) -> None:
        """From a checkpoint, where nothing was done yet."""
        state, facts = found
        run, (of_epoch, of_run) = self.runs[0], facts["seconds"]
        run.go_on(facts)
        self.at(*facts["place"])
        self.start, self.began = self.start - of_epoch, self.began - of_run
        device = next(run.model.parameters()).device
        self.tally.go_on(torch.tensor(state[TALLY], device=device), *facts["tally"])
        self.stepper.begin(self.number)
        self.stepper.load({name: value for name, value in state.items() if name != TALLY})

    def rate(self, batch: int) -> float:
        """The learning rate of a batch of the epoch, counted from 1."""
        step = (self.number - 1) * len(self.batches) + batch - 1
        return rate(self.recipe.schedule, self.recipe.optimizer.lr, step, self.recipe.epochs * len(self.batches))

    def tell_batch(self) -> None:
        """Tell how far each run is in its epoch."""
        place = self.recipe.epochs, self.number, self.done, len(self.batches)
        for run, (loss, _, right) in zip(self.runs, self.tally.means(), strict=True):
            self.tell(BatchDone(run.job.name, *place, loss, right, self.tally.images))

    def close(self, judged: Sequence[Judgement]) -> None:
        """Put down what each run's epoch came to, and tell of it where it is one to keep."""
        for run, (loss, penalty, right), found in zip(self.runs, self.tally.means(), judged, strict=True):
            epoch = Epoch(
                epoch=self.number,
                learning_rate=self.rate(len(self.batches)),
                train_loss=loss,
                penalty=penalty,
                abs_sum=run.abs_sum(),
                train_correct=right,
                train_images=self.tally.images,
                judged_loss=found.loss,
                judged_correct=found.correct,
                judged_images=len(self.images.judged_labels),
                seconds=time.perf_counter() - self.start,
            )
            if run.keep(epoch, found):
                if due(self.number, self.tally.images):
                    run.flow += self.probe.look(run.model, self.number)
                self.tell(EpochDone(run.job.name, self.recipe.epochs, epoch))
