"""One process per core, one thread each; runs are handed out as workers become free.

Workers are started afresh (spawned), so that they inherit no locks and no threads. A worker that dies takes one run
with it; another worker takes its place, and the run stays owed.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from types import ModuleType

from normlab.execution.worker import Failed, Message, serve
from normlab.records import Job, RunRecord
from normlab.training.events import Event

Told = Callable[[Job, Event], None]


@dataclass(frozen=True)
class Failure:
    """A run that left no record, and why."""

    job: Job
    message: str
    details: str = ""


def cores() -> int:
    """How many processor cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def run_all(
    jobs: Iterable[Job | None],
    keep: Callable[[RunRecord], object],
    tell: Told,
    workers: int | None = None,
) -> list[Failure]:
    """Do every job and give the runs that failed.

    Args:
        jobs: runs of one recipe, in the order in which they should start. The next one is asked for when a worker is
            free, so that what comes may depend on what has been kept; None where nothing can start before another
            run ends.
        keep: called in this process with each record as soon as it is there; what it raises ends everything.
        tell: called in this process with each job's progress.
        workers: processes at a time; by default one per core, and one in all on an accelerator.

    However it ends (Ctrl-C included), no worker outlives the call.
    """
    waiting = iter(jobs)
    first = next(waiting, None)
    if first is None:
        return []
    pool = _Pool(chain([first], waiting), keep, tell)
    try:
        pool.run(workers or (cores() if first.device == "cpu" else 1))
    finally:
        pool.stop()
    return pool.failures


@contextmanager
def _without_main() -> Iterator[None]:
    """Start processes that do not run their parent's main module first, as spawned ones do.

    Ours need nothing of it, and a script that calls `compare` without the `if __name__ == "__main__"` idiom would start
    itself over and over.
    """
    main = sys.modules["__main__"]
    sys.modules["__main__"] = ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = main


@dataclass
class _Worker:
    process: SpawnProcess
    pipe: Connection
    job: Job | None = None


class _Pool:
    """Workers, the jobs that wait for one, and what came of the others."""

    def __init__(self, waiting: Iterator[Job | None], keep: Callable[[RunRecord], object], tell: Told) -> None:
        self.waiting, self.keep, self.tell = waiting, keep, tell
        self.workers: list[_Worker] = []
        self.failures: list[Failure] = []

    def run(self, size: int) -> None:
        """Until no job waits and none is under way."""
        for _ in range(size):
            self._hire()
        while self.workers:
            by_pipe = {worker.pipe: worker for worker in self.workers}
            for pipe in wait(list(by_pipe)):
                self._listen(by_pipe[pipe])  # type: ignore[index]

    def stop(self) -> None:
        """End every worker now."""
        for worker in self.workers:
            worker.process.terminate()
        for worker in self.workers:
            worker.process.join()
            worker.pipe.close()
        self.workers.clear()

    def _hire(self) -> None:
        """One more worker, if there is a job for it."""
        job = next(self.waiting, None)
        if job is None:
            return
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe()
        process = context.Process(target=serve, args=(theirs, job.recipe.dataset), daemon=True)
        with _without_main():
            process.start()
        theirs.close()  # so that the worker's death reads as the end of the pipe
        worker = _Worker(process, ours)
        self.workers.append(worker)
        self._hand_out(worker, job)

    def _hand_out(self, worker: _Worker, job: Job | None) -> None:
        worker.job = job
        try:
            worker.pipe.send(worker.job)
        except OSError:
            self._bury(worker)
            return
        if worker.job is None:
            self._dismiss(worker)

    def _listen(self, worker: _Worker) -> None:
        try:
            message: Message = worker.pipe.recv()
        except (EOFError, OSError):
            self._bury(worker)
            return
        job = worker.job
        assert job is not None, "a worker without a job has nothing to say"  # noqa: S101 - an invariant
        if isinstance(message, RunRecord):
            self.keep(message)
            self._hand_out(worker, next(self.waiting, None))
        elif isinstance(message, Failed):
            self.failures.append(Failure(job, message.message, message.details))
            self._hand_out(worker, next(self.waiting, None))
        else:
            self.tell(job, message)

    def _dismiss(self, worker: _Worker) -> None:
        self.workers.remove(worker)
        worker.process.join()
        worker.pipe.close()

    def _bury(self, worker: _Worker) -> None:
        """A worker died: its run is lost, the others go on, and a new worker takes its place."""
        self._dismiss(worker)
        if worker.job is not None:
            code = worker.process.exitcode
            how = f"was ended by signal {-code}" if code is not None and code < 0 else f"ended with code {code}"
            self.failures.append(Failure(worker.job, f"its process {how}"))
        self._hire()
