"""The process that trains: it takes one job after another from a pipe and sends back what happens."""

from __future__ import annotations

import signal
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING

from normlab.errors import DataError, NormlabError
from normlab.events import BatchDone, Event, Tell
from normlab.execution.memory import keep_freed_memory
from normlab.records import Job, RunRecord

if TYPE_CHECKING:
    from normlab.data import Dataset

TOLD_EVERY = 0.1
"""Seconds between two batch events of one run: a person cannot read faster."""


@dataclass(frozen=True)
class Failed:
    """A run that raised: its message for people, and the traceback for whoever mends it."""

    message: str
    details: str


Message = Event | RunRecord | Failed


def serve(pipe: Connection) -> None:
    """Train every job that arrives, until the other end is gone.

    One thread per process: networks this small gain nothing from more, and the cores are taken by other runs. Ctrl-C
    reaches the whole group of processes; it is the parent that decides what to do about it.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    keep_freed_memory()
    import torch

    from normlab import data

    torch.set_num_threads(1)
    load = cache(data.load)
    tell = _throttled(pipe)
    try:
        while True:
            job: Job = pipe.recv()
            pipe.send(_attempt(partial(_train, job, load, tell)))
    except (EOFError, BrokenPipeError, ConnectionResetError):
        return  # the parent is gone: nobody is left to keep a record


def _train(job: Job, load: Callable[[str], Dataset], tell: Tell) -> RunRecord:
    from normlab import training

    data = load(job.recipe.dataset)
    if job.data not in ("", data.digest):
        raise DataError(f"{data.name}: its images changed while the study ran; give the command again")
    return training.train(job, data, tell)


def _attempt(run: Callable[[], RunRecord]) -> RunRecord | Failed:
    try:
        return run()
    except (BrokenPipeError, ConnectionResetError):
        raise
    except NormlabError as error:
        return Failed(str(error), error.details)
    except Exception as error:  # noqa: BLE001 - one broken run must not take the others with it
        return Failed(f"{type(error).__name__}: {error}", traceback.format_exc())


def _throttled(pipe: Connection) -> Tell:
    last = 0.0

    def tell(event: Event) -> None:
        nonlocal last
        if isinstance(event, BatchDone) and time.monotonic() - last < TOLD_EVERY:
            return
        last = time.monotonic()
        pipe.send(event)

    return tell
