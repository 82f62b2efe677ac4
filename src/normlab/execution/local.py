"""One process per core, one thread each; runs are handed out as workers become free.

Workers inherit no locks and no threads of this process. One that dies or falls silent is replaced, and its run goes on
from its last checkpoint.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from normlab.events import RunKept, Tell
from normlab.execution import pool
from normlab.execution.backlog import Backlog
from normlab.execution.executor import Failure
from normlab.execution.pool import Pool, looked_after
from normlab.execution.sharing import Alone, Share
from normlab.execution.spawn import get_ready, start
from normlab.execution.worker import serve
from normlab.plans import Plan
from normlab.records import RunRecord


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
    """An `Executor` on this machine.

    Args:
        workers: processes at a time, by default as many as is usual.
        project: the folder whose checkpoints runs go on from; None where none are made.
        share: what others may do of the same work.
    """

    workers: int | None = None
    project: Path | None = None
    share: Share = field(default_factory=Alone)

    def get_ready(self) -> None:
        """Begin what takes a while before a run can begin, beside whatever is done until then."""
        get_ready()

    def size(self, device: str) -> int:
        """How many runs are made at a time on a device."""
        return self.workers or usual(device)

    def run(self, plan: Plan, keep: Callable[[RunRecord], object], tell: Tell) -> Sequence[Failure]:
        """See `Executor.run`. However it ends, no worker outlives the call; on Ctrl-C runs under way are saved."""
        first = next(iter(plan.ready()), None)
        if first is None:
            return []
        backlog = Backlog(plan, keep, tell, self.share, RunKept)
        size = self.size(first.device)
        return looked_after(Pool(backlog, self.project, size, lambda _: start(serve), pool.SILENT))
