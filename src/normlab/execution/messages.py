"""What a worker says to the process that hands it runs, and is asked for."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from normlab.events import Event
from normlab.records import Job, RunRecord


@dataclass(frozen=True)
class Order:
    """A run to be made, and the project whose checkpoints it may go on from, if any."""

    job: Job
    project: Path | None


@dataclass(frozen=True)
class Failed:
    """A run that raised: its message for people, and the traceback for whoever mends it."""

    message: str
    details: str


@dataclass(frozen=True)
class Alive:
    """The worker is there, whatever it is doing."""


Message = Event | RunRecord | Failed | Alive
