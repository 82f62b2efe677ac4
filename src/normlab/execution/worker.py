"""The process that trains: it takes one job after another from a pipe and sends back what happens."""

from __future__ import annotations

import signal
from collections.abc import Callable
from functools import cache
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING

from normlab.allocator import keep_freed_memory
from normlab.errors import DataError
from normlab.execution.line import Line
from normlab.execution.messages import Failed, Finished, Order, failed
from normlab.execution.saver import Saver
from normlab.records import RunRecord
from normlab.store import Checkpoints

if TYPE_CHECKING:
    from normlab.data import Dataset

QUIET = ("SIGINT", "SIGHUP")
"""Signals that reach the whole group of processes; it is the parent that decides what to do about them."""


def serve(pipe: Connection) -> None:
    """Train every job that arrives, until the other end is gone, or SIGTERM comes: then save the run under way.

    One thread per process: networks this small gain nothing from more, and the cores are taken by other runs.
    """
    for name in QUIET:
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_IGN)
    keep_freed_memory()
    line = Line(pipe)
    saver = Saver(line.tell)
    import torch

    from normlab import data

    torch.set_num_threads(1)
    load = cache(data.load)
    try:
        while True:
            line.send(_attempt(line.order(), load, line, saver))
    except (EOFError, BrokenPipeError, ConnectionResetError):
        return  # the parent is gone: nobody is left to keep a record


def _attempt(order: Order, load: Callable[[str], Dataset], line: Line, saver: Saver) -> Finished | Failed:
    saver.checkpoints = Checkpoints(order.project) if order.project else None
    saver.training = True
    try:
        return Finished(_train(order, load, line, saver))
    except (BrokenPipeError, ConnectionResetError):
        raise
    except Exception as error:  # noqa: BLE001 - one broken run must not take the others with it
        return failed(error)
    finally:
        saver.training = False


def _train(order: Order, load: Callable[[str], Dataset], line: Line, saver: Saver) -> RunRecord:
    from normlab import training

    job = order.job
    data = load(job.recipe.dataset)
    if job.data not in ("", data.digest):
        raise DataError(f"{data.name}: its images changed while the study ran; give the command again")
    return training.train(job, data, line.tell, saver)
