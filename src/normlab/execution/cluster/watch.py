"""A run on a worker: whether anybody still wants it, what is told of it, and where it is saved."""

from __future__ import annotations

import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from normlab.errors import StoreError
from normlab.events import BatchDone, Event, RunSaved
from normlab.execution.cluster.reports import LEFT, SAID, plain
from normlab.records import Checkpoint, Job
from normlab.store import Checkpoints

TOLD_EVERY = 1.0
"""Seconds between two batch events of one run: they all go through the scheduler."""


class Unwanted(BaseException):
    """Whoever asked for the run is gone, or asks no more; no error of the run's, and not for its own code to catch."""


class Watch:
    """That of one task; a `training.Memory` as well, whose checkpoints lie in the project's folder."""

    def __init__(self, topic: str) -> None:
        from distributed import get_worker

        self.topic, self.last = topic, 0.0
        self.checkpoints: Checkpoints | None = None
        self.worker: Any = get_worker()
        self.task = self.worker.get_current_task()

    def save_in(self, folder: Path | None) -> bool:
        """Have the run saved in a project's folder, if any; whether it is. Raises `Unwanted`."""
        if not self.wanted():
            raise Unwanted
        self.checkpoints = Checkpoints(folder) if folder else None
        return folder is not None

    def wanted(self) -> bool:
        """Not where the task was cancelled, as it is when its client is gone, or the worker is about to end."""
        task = self.worker.state.tasks.get(self.task)
        return task is not None and task.state == "executing" and self.worker.status.name == "running"

    def left(self) -> None:
        """The task ends without having been done."""
        self._say({LEFT: self.task})

    def tell(self, event: Event) -> None:
        """Tell what happens, of batches as often as people can read; raises `Unwanted` where nothing can be saved."""
        if self.checkpoints is None and not self.wanted():
            raise Unwanted
        if isinstance(event, BatchDone):
            if time.monotonic() - self.last < TOLD_EVERY:
                return
            self.last = time.monotonic()
        self.say(event)

    def say(self, event: Event) -> None:
        """To whoever listens."""
        if table := plain(event):
            self._say(table)

    def recall(self, job: Job) -> Checkpoint | None:
        """See `Memory.recall`."""
        return self.checkpoints.recall(job) if self.checkpoints else None

    def save(self, job: Job, checkpoint: Checkpoint) -> None:
        """See `Memory.save`. Where that cannot be, training goes on; raises `Unwanted` behind the last one."""
        ending = self.asked()
        if self.checkpoints:
            with suppress(StoreError):
                self.checkpoints.save(job, checkpoint)
                if ending:
                    self.say(RunSaved(job.name, checkpoint.facts["place"][0], job.recipe.epochs))
        if ending:
            raise Unwanted

    def asked(self) -> bool:
        """See `Memory.asked`."""
        return not self.wanted()

    def _say(self, table: dict[str, Any]) -> None:
        """That nobody can be reached is found out in another way."""
        with suppress(Exception):
            self.worker.log_event(self.topic, {SAID: table})
