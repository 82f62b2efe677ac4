"""What a worker says to the process that hands it runs, and is asked for."""

from __future__ import annotations

import traceback
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from normlab.errors import NormlabError
from normlab.events import Event


@dataclass(frozen=True)
class Order:
    """A run to be made, whatever it is of, and the project whose checkpoints it may go on from, if any."""

    job: Any
    project: Path | None


@dataclass(frozen=True)
class Finished:
    """A run that was made, and what it left."""

    record: Any


@dataclass(frozen=True)
class Failed:
    """A run that raised: its message for people, and the traceback for whoever mends it."""

    message: str
    details: str


def failed(error: Exception) -> Failed:
    """What is said of an error that is being handled."""
    if isinstance(error, NormlabError):
        return Failed(str(error), error.details)
    return Failed(f"{type(error).__name__}: {error}", traceback.format_exc())


@dataclass(frozen=True)
class Alive:
    """The worker is there, whatever it is doing."""


Message = Event | Finished | Failed | Alive
