"""The workers of a cluster, what they do, and what becomes of their runs."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from normlab.errors import ClusterError
from normlab.events import RunLost, RunSaved, WorkerRefused
from normlab.execution.backlog import OfRuns
from normlab.execution.cluster.homes import Home
from normlab.execution.cluster.link import Ended, Left, Link, SchedulerLost, Task
from normlab.execution.cluster.orders import packed
from normlab.execution.cluster.task import Reply
from normlab.records import Job
from normlab.store.parcels import record_of

WORTH = 10.0
"""Seconds that a task should take: a scheduler has some work with each, however short it is."""
TICK = 1.0
"""Seconds between two looks at who is there, and at what others do."""
SOON = 0.1
"""Seconds between two looks while there are no workers yet."""
GRACE = 2.5
"""Seconds that workers have to save their runs when all is to end."""
PATIENCE = 120.0
"""Seconds without a scheduler, or without a worker, after which nobody is waited for any more."""


@dataclass
class Pace:
    """How long runs take, and so how many of them are worth a task; what lasts longer than one connection."""

    runs: int = 0
    seconds: float = 0.0

    def add(self, seconds: float) -> None:
        """A run came in that took so long."""
        self.runs, self.seconds = self.runs + 1, self.seconds + seconds

    def together(self, waiting: int, hands: int) -> int:
        """How many runs go together when so many wait for so many workers: each should get some."""
        if not self.seconds:
            return 1
        return max(1, min(math.ceil(WORTH * self.runs / self.seconds), waiting // hands))


@dataclass
class Crew:
    """Those of one scheduler: each worker makes one task at a time, and a run of a worker that is lost is begun again.

    `at_work` are tasks by their names with their runs, `refused` why workers get none, by address.
    """

    backlog: OfRuns
    link: Link
    home: Home
    pace: Pace
    workers: set[str] = field(default_factory=set)
    at_work: dict[str, tuple[Task, list[Job]]] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)
    ticked: float = 0.0
    seen: float = field(default_factory=time.monotonic)

    def run(self) -> None:
        """Until nothing is ready and nothing is under way, here or elsewhere; raises `SchedulerLost`."""
        while self._busy() or self.backlog.plan.ready():
            pause = TICK if self.workers else SOON
            if time.monotonic() - self.ticked >= pause:
                self._tick()
            else:
                self._hear(pause)

    def save(self) -> None:
        """All is to end: have the runs under way saved; who has not done it in time loses what it did since."""
        while said := self.link.next(0):
            if isinstance(said, Ended) and said.replies:
                self._end(said)
        waited_for = {*self.at_work}
        self.link.cancel(task for task, _ in self.at_work.values())
        end = time.monotonic() + GRACE
        while waited_for and (left := end - time.monotonic()) > 0:
            said = self.link.next(left)
            if isinstance(said, RunSaved):
                self.backlog.tell(said)
            elif isinstance(said, Left):
                waited_for.discard(said.task)
        self.at_work.clear()

    def leave(self) -> None:
        """Nothing is under way any more: no run is to blame, and no try is counted."""
        self.link.cancel(task for task, _ in self.at_work.values())
        self.at_work.clear()
        self._untouched([*self.backlog.under_way.values()])

    def mourn(self) -> None:
        """The scheduler is lost, and with it what was under way."""
        for task, jobs in self.at_work.values():
            for job in jobs:
                self.backlog.tell(RunLost(job.name, f"the scheduler of its worker {task.worker} was lost", again=True))

    def _busy(self) -> bool:
        """Whether anything is under way, after each worker that has nothing to do was given something."""
        busy = {task.worker for task, _ in self.at_work.values()}
        for worker in sorted(self._usable - busy):
            if jobs := self._some():
                task = self.link.submit([packed(job) for job in jobs], worker)
                self.at_work[task.name] = task, jobs
        return bool(self.at_work)

    @property
    def _usable(self) -> set[str]:
        return self.workers - self.refused.keys()

    def _some(self) -> list[Job]:
        """Runs for one task; one that was lost before goes alone, so that it takes no others with it."""
        first = self.backlog.next()
        if first is None:
            return []
        jobs = [first]
        if self.backlog.begun[first.key] == 1:
            count = self.pace.together(1 + len(self.backlog.free()), len(self._usable))
            while len(jobs) < count and (job := self.backlog.next(fresh=True)):
                jobs.append(job)
        return jobs

    def _hear(self, seconds: float) -> None:
        """The next of what workers say, waiting so long for it."""
        said = self.link.next(seconds)
        if isinstance(said, Ended):
            self._end(said)
        elif said is not None and not isinstance(said, Left):
            self.backlog.tell(said)

    def _end(self, ended: Ended) -> None:
        if ended.task not in self.at_work:
            return  # its worker was taken for lost
        if ended.lost:
            raise SchedulerLost
        task, jobs = self.at_work.pop(ended.task)
        if ended.died:
            self._lose(task, jobs)
            return
        if ended.error:
            self._refuse(task.worker, ended.error)
        for job, reply in zip(jobs, ended.replies, strict=False):
            self._take(job, reply, task)
        self._untouched(jobs[len(ended.replies) :])

    def _take(self, job: Job, reply: Reply, task: Task) -> None:
        if reply.kind == "made":
            self._keep(job, reply.content, task)
        elif reply.kind == "failed":
            self.backlog.fail(job, *reply.content)
        else:
            if reply.kind == "unfit":
                self._refuse(task.worker, reply.content)
            self._untouched([job])

    def _keep(self, job: Job, content: bytes, task: Task) -> None:
        try:
            record = record_of(content, job)
        except ValueError as error:
            self.backlog.lose(job, f"what came of it from {task.worker} cannot be used: {error}")
            return
        self.pace.add(record.seconds)
        self.backlog.done(job, record)

    def _lose(self, task: Task, jobs: Sequence[Job]) -> None:
        for job in jobs:
            self.backlog.lose(job, f"its worker {task.worker} was lost")

    def _untouched(self, jobs: Sequence[Job]) -> None:
        """Runs that were not begun, or whose worker did not die of them."""
        for job in jobs:
            self.backlog.begun[job.key] -= 1
            self.backlog.give_back(job)

    def _refuse(self, worker: str, why: str) -> None:
        """A worker gets no runs."""
        self.refused[worker] = why
        self.backlog.tell(WorkerRefused(worker, why))

    def _tick(self) -> None:
        """Look at who is there, and at what others have done."""
        self.ticked = time.monotonic()
        self.home.mend()
        self.workers = self.link.workers()
        self.refused = {worker: why for worker, why in self.refused.items() if worker in self.workers}
        for name, (task, jobs) in [*self.at_work.items()]:
            if task.worker not in self.workers:
                del self.at_work[name]
                self.link.cancel([task])
                self._lose(task, jobs)
        self.backlog.look_elsewhere()
        self._patience()

    def _patience(self) -> None:
        """Raises `ClusterError` where nobody is there who could make a run."""
        if self._usable:
            self.seen = self.ticked
        elif self.workers:
            told = "; ".join(f"{worker}: {why}" for worker, why in sorted(self.refused.items()))
            raise ClusterError(f"no worker of the cluster may make these runs: {told}")
        elif self.ticked - self.seen > PATIENCE:
            raise ClusterError(f"the cluster has had no worker for {PATIENCE:.0f} s; what is finished is kept")
