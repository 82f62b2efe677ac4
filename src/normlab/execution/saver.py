"""A worker's checkpoints, and its end: asked to go, it saves the run that it makes first."""

from __future__ import annotations

import signal
from collections.abc import Callable
from contextlib import suppress

from normlab.errors import StoreError
from normlab.events import RunSaved
from normlab.records import Checkpoint, Job
from normlab.store import Checkpoints


class Saver:
    """A `training.Memory` on the disk; without a project nothing is kept."""

    def __init__(self, tell: Callable[[RunSaved], None]) -> None:
        self.tell = tell
        self.checkpoints: Checkpoints | None = None
        self.training = self.ending = False
        signal.signal(signal.SIGTERM, self._end)

    def recall(self, job: Job) -> Checkpoint | None:
        """See `Memory.recall`."""
        return self.checkpoints.recall(job) if self.checkpoints else None

    def save(self, job: Job, checkpoint: Checkpoint) -> None:
        """See `Memory.save`. Where that cannot be, training goes on: whoever frees space loses nothing."""
        if self.checkpoints:
            with suppress(StoreError):
                self.checkpoints.save(job, checkpoint)
                if self.ending:
                    self.tell(RunSaved(job.name, checkpoint.facts["place"][0], job.recipe.epochs))
        if self.ending:
            raise SystemExit

    def asked(self) -> bool:
        """See `Memory.asked`."""
        return self.ending

    def _end(self, *_: object) -> None:
        self.ending = True
        if not self.training:
            raise SystemExit
