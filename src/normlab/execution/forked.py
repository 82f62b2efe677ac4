"""Processes that make runs of a function of one's own: forked from this one, so that it may be any function."""

from __future__ import annotations

import multiprocessing
import os
import secrets
import signal
import sys
from collections.abc import Callable, Sequence
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Any

from normlab.execution.line import Line
from normlab.execution.messages import Failed, Finished, failed
from normlab.execution.pool import Hire
from normlab.execution.undisturbed import disturbed
from normlab.execution.worker import QUIET

Make = Callable[[Any], Any]
THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")


def can_fork() -> bool:
    """Whether processes may be forked: not behind the libraries of other systems than Linux."""
    return sys.platform.startswith("linux")


def forks(make: Make) -> Hire:
    """Starts workers that call `make` with each job that they are given."""

    def hire(others: Sequence[Connection]) -> tuple[BaseProcess, Connection]:
        context = multiprocessing.get_context("fork")
        ours, theirs = context.Pipe()
        # no daemon: a function may have processes of its own, as those that load batches
        process = context.Process(target=_serve, args=(make, theirs, [ours, *others]))
        process.start()
        theirs.close()  # so that the process's death reads as the end of the pipe
        return process, ours

    return hire


def _serve(make: Make, pipe: Connection, inherited: Sequence[Connection]) -> None:
    """Make what is asked for, until the other end is gone, which it never were while other workers had it open too."""
    for each in inherited:
        each.close()
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    for name in QUIET:
        signal.signal(getattr(signal, name), signal.SIG_IGN)
    disturbed()
    _apart()
    line = Line(pipe)
    try:
        while True:
            line.send(_attempt(make, line.order().job))
    except (EOFError, BrokenPipeError, ConnectionResetError):
        return


def _attempt(make: Make, job: Any) -> Finished | Failed:
    try:
        return Finished(make(job))
    except Exception as error:  # noqa: BLE001 - one broken run must not take the others with it
        return failed(error)


def _apart() -> None:
    """One thread, for the other cores have workers of their own; and chance of its own.

    Whoever draws from a global stream without seeding it would draw the same in every process that is forked.
    """
    for name in THREADS:
        os.environ.setdefault(name, "1")
    if "numpy" in sys.modules:
        sys.modules["numpy"].random.seed(secrets.randbits(32))
    if torch := sys.modules.get("torch"):
        torch.set_num_threads(1)
        torch.default_generator.manual_seed(secrets.randbits(63))
