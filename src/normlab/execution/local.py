"""One process per core, one thread each; runs are handed out as workers become free.

Workers inherit no locks and no threads of this process. A worker that dies takes one run with it; another worker takes
its place, and the run stays owed.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess

from normlab.events import Tell
from normlab.execution.executor import Failure
from normlab.execution.spawn import get_ready, start
from normlab.execution.worker import Failed, Message, serve
from normlab.plans import Plan
from normlab.records import Job, RunRecord


def cores() -> int:
    """How many processor cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def usual(device: str) -> int:
    """How many runs are made at a time where nobody says: one per core, and one on a GPU."""
    return cores() if device == "cpu" else 1


@dataclass(frozen=True)
class LocalProcesses:
    """An `Executor` on this machine: `workers` processes at a time, by default as many as is usual."""

    workers: int | None = None

    def get_ready(self) -> None:
        """Begin what takes a while before a run can begin, beside whatever is done until then."""
        get_ready()

    def run(self, plan: Plan, keep: Callable[[RunRecord], object], tell: Tell) -> Sequence[Failure]:
        """See `Executor.run`. However it ends (Ctrl-C included), no worker outlives the call."""
        first = next(iter(plan.ready()), None)
        if first is None:
            return []
        pool = _Pool(plan, keep, tell)
        try:
            pool.run(self.workers or usual(first.device))
        finally:
            pool.stop()
        return pool.failures


@dataclass
class _Worker:
    process: BaseProcess
    pipe: Connection
    job: Job | None = None


@dataclass
class _Pool:
    """Workers, what they do, and what came of the others."""

    plan: Plan
    keep: Callable[[RunRecord], object]
    tell: Tell
    workers: list[_Worker] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)

    def run(self, size: int) -> None:
        """Until nothing is ready and nothing is under way."""
        while busy := self._busy(size):
            by_pipe = {worker.pipe: worker for worker in busy}
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

    def _next(self) -> Job | None:
        """The first that is ready and that nobody works on."""
        under_way = {worker.job.key for worker in self.workers if worker.job}
        return next((job for job in self.plan.ready() if job.key not in under_way), None)

    def _busy(self, size: int) -> list[_Worker]:
        """The workers that have a run, after as many jobs are handed out as there are idle workers, or room for more.

        Idle ones wait: a run under way may make others ready, and a new process takes seconds to start.
        """
        while (job := self._next()) is not None:
            idle = next((worker for worker in self.workers if worker.job is None), None)
            if idle is None and len(self.workers) == size:
                break
            self._hand_out(idle or self._hire(), job)
        return [worker for worker in self.workers if worker.job is not None]

    def _hire(self) -> _Worker:
        worker = _Worker(*start(serve))
        self.workers.append(worker)
        return worker

    def _hand_out(self, worker: _Worker, job: Job) -> None:
        worker.job = job
        try:
            worker.pipe.send(job)
        except OSError:
            self._bury(worker)

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
            self.plan.keep(message)
        elif isinstance(message, Failed):
            self._fail(Failure(job, message.message, message.details))
        else:
            self.tell(message)
            return
        worker.job = None

    def _fail(self, failure: Failure) -> None:
        self.failures.append(failure)
        self.plan.drop(failure.job, failure.message)

    def _bury(self, worker: _Worker) -> None:
        """A worker died: its run is lost, the others go on, and a new worker takes its place."""
        self.workers.remove(worker)
        worker.process.join()
        worker.pipe.close()
        if worker.job is not None:
            code = worker.process.exitcode
            how = f"was ended by signal {-code}" if code is not None and code < 0 else f"ended with code {code}"
            self._fail(Failure(worker.job, f"its process {how}"))
