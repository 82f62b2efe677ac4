"""Checkpoints: what is saved of a run under way, where, and how often."""

from __future__ import annotations

import time
from typing import Protocol

from normlab.records import Checkpoint, Job

EVERY = 30.0
"""Seconds of a long epoch after which it is saved before its end."""
SHARE = 0.02
"""Of a run's time, at most, that checkpoints take."""
USUAL = 0.02
"""Seconds that one is taken to cost before the first is made."""


class Memory(Protocol):
    """Where checkpoints lie while runs are trained."""

    def recall(self, job: Job) -> Checkpoint | None:
        """The job's last one, None where there is none."""

    def save(self, job: Job, checkpoint: Checkpoint) -> None:
        """Put it in the place of the last one, whole or not at all. What it raises ends the run."""

    def asked(self) -> bool:
        """Whether one is wanted now, whatever it costs."""


class Pace:
    """When a checkpoint is due: after an epoch, or 30 seconds of one, and so seldom that they cost little together."""

    def __init__(self) -> None:
        self.cost, self.last = USUAL, time.monotonic()

    def due(self, *, over: bool) -> bool:
        """Whether it is time; `over` where an epoch is."""
        return time.monotonic() - self.last >= max(self.cost / SHARE, 0.0 if over else EVERY)

    def saved(self, start: float) -> None:
        """One was made, begun at that time of the monotonic clock."""
        self.last = time.monotonic()
        self.cost = self.last - start
