"""Where runs of a function of one's own are made."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from math import inf

from normlab.calls import Call, CallRecord
from normlab.events import CallKept, Tell
from normlab.execution.backlog import Backlog
from normlab.execution.executor import Failure
from normlab.execution.forked import forks
from normlab.execution.here import Here
from normlab.execution.pool import Pool, looked_after
from normlab.execution.sharing import Alone, ShareOf
from normlab.plans import PlanOf


@dataclass(frozen=True)
class Functions:
    """Makes the runs of a plan by calls of `make`.

    Args:
        make: calls the function, and gives what it gave.
        workers: how many runs are made at a time: one in this process, more in processes forked from it.
        share: what others may do of the same work.
    """

    make: Callable[[Call], CallRecord]
    workers: int = 1
    share: ShareOf[Call, CallRecord] = field(default_factory=Alone)

    def run(
        self, plan: PlanOf[Call, CallRecord], keep: Callable[[CallRecord], object], tell: Tell
    ) -> Sequence[Failure]:
        """See `Executor.run`. No process is taken for lost: code that holds Python's lock gives no sign of life."""
        backlog = Backlog(plan, keep, tell, self.share, CallKept)
        if self.workers == 1:
            return Here(backlog, self.make).run()
        return looked_after(Pool(backlog, None, self.workers, forks(self.make), silent=inf))
