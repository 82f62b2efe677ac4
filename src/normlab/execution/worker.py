"""The process that trains: it takes one job after another from a pipe and sends back what happens."""

from __future__ import annotations

import signal
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from multiprocessing.connection import Connection

from normlab.errors import NormlabError
from normlab.execution.memory import keep_freed_memory
from normlab.records import RunRecord
from normlab.training.events import BatchDone, Event, Watch

TOLD_EVERY = 0.1
"""Seconds between two batch events of one run: a person cannot read faster."""


@dataclass(frozen=True)
class Failed:
    """A run that raised: its message for people, and the traceback for whoever mends it."""

    message: str
    details: str


Message = Event | RunRecord | Failed


def serve(pipe: Connection, dataset: str) -> None:
    """Train every job that arrives, until None does or the other end is gone.

    One thread per process: networks this small gain nothing from more, and the cores are taken by other runs. Ctrl-C
    reaches the whole group of processes; it is the parent that decides what to do about it.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    keep_freed_memory()
    import torch

    from normlab import data, training

    torch.set_num_threads(1)
    images = data.load(dataset)
    try:
        while (job := pipe.recv()) is not None:
            pipe.send(_attempt(partial(training.train, job, images, _throttled(pipe))))
    except (EOFError, BrokenPipeError, ConnectionResetError):
        return  # the parent is gone: nobody is left to keep a record


def _attempt(run: Callable[[], RunRecord]) -> RunRecord | Failed:
    try:
        return run()
    except (BrokenPipeError, ConnectionResetError):
        raise
    except NormlabError as error:
        return Failed(str(error), "")
    except Exception as error:  # noqa: BLE001 - one broken run must not take the others with it
        return Failed(f"{type(error).__name__}: {error}", traceback.format_exc())


def _throttled(pipe: Connection) -> Watch:
    last = 0.0

    def watch(event: Event) -> None:
        nonlocal last
        if isinstance(event, BatchDone) and time.monotonic() - last < TOLD_EVERY:
            return
        last = time.monotonic()
        pipe.send(event)

    return watch
