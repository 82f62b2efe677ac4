"""Worker processes, what they do, and what becomes of their runs."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any, Generic

from normlab.events import RunSaved
from normlab.execution.backlog import Backlog
from normlab.execution.executor import Failure
from normlab.execution.messages import Alive, Failed, Finished, Message, Order
from normlab.execution.undisturbed import undisturbed
from normlab.plans import D, W

SILENT = 45.0
"""Seconds without a sign of life after which a worker is taken for lost: it gives one every five."""
TICK = 1.0
"""Seconds between two looks at what others do, and at who is silent."""
GRACE = 4.0
"""Seconds that workers have to save their runs when all is to end."""


Hire = Callable[[Sequence[Connection]], tuple[BaseProcess, Connection]]
"""Starts a process that takes runs from a pipe; is given our ends of the other workers' pipes, and gives its own."""


@dataclass
class Worker:
    """A process, the pipe to it, the run that it makes, and when it was heard last."""

    process: BaseProcess
    pipe: Connection
    job: Any = None
    heard: float = field(default_factory=time.monotonic)

    def message(self) -> Message:
        """The next one, whole; raises `EOFError` or `OSError` when the process is gone."""
        with undisturbed():
            message: Message = self.pipe.recv()
            return message


@dataclass
class Pool(Generic[W, D]):
    """As many workers as runs may be made at a time, for one plan.

    Args:
        backlog: of the plan.
        project: where workers save runs, None where they do not.
        size: how many runs are made at a time.
        hire: starts a worker.
        silent: seconds without a sign of life after which a worker is taken for lost.
    """

    backlog: Backlog[W, D]
    project: Path | None
    size: int
    hire: Hire
    silent: float
    workers: list[Worker] = field(default_factory=list)
    ticked: float = 0.0

    def run(self) -> None:
        """Until nothing is ready and nothing is under way, here or elsewhere."""
        while self._busy() or self.backlog.plan.ready():
            self._hear(TICK)
            if time.monotonic() - self.ticked >= TICK:
                self._tick()

    def save(self) -> None:
        """All is to end: have the runs under way saved; who has not done it in time loses what it did since."""
        for worker in self.workers:
            worker.process.terminate()
        end = time.monotonic() + GRACE
        while self.workers and (left := end - time.monotonic()) > 0:
            self._part(left)

    def stop(self) -> None:
        """End every worker now, also one that was stopped."""
        for worker in self.workers:
            worker.process.kill()
        for worker in self.workers:
            self._close(worker)
            self._free_of_run(worker)
        self.workers.clear()

    def _busy(self) -> bool:
        """Whether a run is under way, after as many jobs are handed out as there are idle workers, or room for more.

        Idle ones wait: a run under way may make others ready, and a new process takes seconds to start.
        """
        while self._room() and (job := self.backlog.next()) is not None:
            idle = next((worker for worker in self.workers if worker.job is None), None)
            self._hand_out(idle or self._hire(), job)
        return any(worker.job is not None for worker in self.workers)

    def _room(self) -> bool:
        return len(self.workers) < self.size or any(worker.job is None for worker in self.workers)

    def _hire(self) -> Worker:
        with undisturbed():  # one that nobody knew of would outlive the call
            worker = Worker(*self.hire([worker.pipe for worker in self.workers]))
            self.workers.append(worker)
        return worker

    def _hand_out(self, worker: Worker, job: W) -> None:
        worker.job, worker.heard = job, time.monotonic()
        try:
            worker.pipe.send(Order(job, self.project))
        except OSError:
            self._bury(worker)

    def _hear(self, seconds: float) -> None:
        """What workers have to say, waiting so long for the first of it."""
        by_pipe = {worker.pipe: worker for worker in self.workers}
        if not by_pipe:
            time.sleep(seconds)  # all that is ready is made elsewhere
        for pipe in wait(list(by_pipe), seconds):
            self._listen(by_pipe[pipe])  # type: ignore[index]

    def _listen(self, worker: Worker) -> None:
        try:
            message = worker.message()
        except (EOFError, OSError):
            self._bury(worker)
            return
        worker.heard = time.monotonic()
        job = worker.job
        assert job is not None or isinstance(message, Alive), "a worker without a job only lives"  # noqa: S101
        if isinstance(message, Finished) and job is not None:
            self.backlog.done(job, message.record)
            worker.job = None
        elif isinstance(message, Failed) and job is not None:
            self.backlog.fail(job, message.message, message.details)
            worker.job = None
        elif not isinstance(message, Alive | Failed | Finished):
            self.backlog.tell(message)

    def _free_of_run(self, worker: Worker) -> None:
        if worker.job is not None:
            self.backlog.give_back(worker.job)
        worker.job = None

    def _bury(self, worker: Worker, how: str = "") -> None:
        """A worker is gone: its run is begun again, from its last checkpoint."""
        self._close(worker)
        self.workers.remove(worker)
        if worker.job is not None:
            self.backlog.lose(worker.job, f"its process {how or _end(worker.process)}")

    def _close(self, worker: Worker) -> None:
        worker.process.join()
        worker.pipe.close()

    def _tick(self) -> None:
        """Look at what others have done, and at who has not been heard for long."""
        self.ticked = time.monotonic()
        self.backlog.look_elsewhere()
        for worker in [each for each in self.workers if each.job and self.ticked - each.heard > self.silent]:
            worker.process.kill()
            self._bury(worker, f"gave no sign of life for {self.silent:.0f} s")

    def _part(self, seconds: float) -> None:
        """Hear what workers that were asked to go say last."""
        by_pipe = {worker.pipe: worker for worker in self.workers}
        for pipe in wait(list(by_pipe), seconds):
            worker = by_pipe[pipe]  # type: ignore[index]
            try:
                message = worker.message()
            except (EOFError, OSError):
                self._close(worker)
                self.workers.remove(worker)
                self._free_of_run(worker)
                continue
            if isinstance(message, Finished):
                self.backlog.keep(message.record)
            elif isinstance(message, RunSaved):
                self.backlog.tell(message)


def _end(process: BaseProcess) -> str:
    code = process.exitcode
    return f"was ended by signal {-code}" if code is not None and code < 0 else f"ended with code {code}"


def looked_after(pool: Pool[W, D]) -> Sequence[Failure]:
    """Run it; however that ends, no worker outlives the call. On Ctrl-C runs under way are saved."""
    try:
        pool.run()
    except KeyboardInterrupt:
        pool.save()
        raise
    finally:
        pool.stop()
    return pool.backlog.failures
