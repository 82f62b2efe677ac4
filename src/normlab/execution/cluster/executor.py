"""An executor whose runs are made by the workers of a cluster; workers and schedulers may be lost on the way."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from normlab.errors import ClusterError
from normlab.events import RunKept, Tell
from normlab.execution.backlog import OfRuns
from normlab.execution.cluster import crew, library
from normlab.execution.cluster.address import Address
from normlab.execution.cluster.crew import Crew, Pace
from normlab.execution.cluster.homes import Home, home_of
from normlab.execution.cluster.link import Link, SchedulerLost
from normlab.execution.cluster.terms import Terms, terms
from normlab.execution.executor import Failure
from normlab.execution.sharing import Alone, Share
from normlab.execution.spawn import get_ready
from normlab.plans import Plan
from normlab.records import RunRecord

FIRST = 10.0
"""Seconds for which a scheduler is tried that never answered: its address may be a mistake."""
ATTEMPT = 5.0
"""Seconds that one has to answer in."""
PAUSE = 0.5
"""Seconds between two attempts."""


@dataclass(frozen=True)
class Cluster:
    """An `Executor` on a dask.distributed cluster.

    Args:
        address: which one.
        project: the folder whose checkpoints runs go on from where a worker sees it; None where none are made.
        share: what others may do of the same work.
    """

    address: Address
    project: Path | None = None
    share: Share = field(default_factory=Alone)

    def get_ready(self) -> None:
        """Begin what takes a while before a run can begin, beside whatever is done until then."""
        if self.address.local:
            get_ready("distributed")

    def size(self, device: str) -> int:  # noqa: ARG002 - whatever a worker has it makes one run on
        """How many runs are made at a time, at least 1; raises `ClusterError` where no scheduler answers."""
        library.needed()
        if self.address.local:
            return self.address.local
        library.certified(self.address.text)
        with library.quiet(), self._link(home_of(self.address), Terms({}, "normlab"), FIRST) as link:
            try:
                return max(1, len(link.workers()))
            except SchedulerLost:
                return 1  # `run` will see whether it comes back

    def run(self, plan: Plan, keep: Callable[[RunRecord], object], tell: Tell) -> Sequence[Failure]:
        """See `Executor.run`; raises `ClusterError` where nobody is there any more who could make a run.

        However it ends, no process that was started here outlives the call; on Ctrl-C runs under way are saved where
        workers see the project's folder.
        """
        library.needed()
        library.certified(self.address.text)
        backlog = OfRuns(plan, keep, tell, self.share, RunKept)
        if plan.ready():
            with library.quiet(), terms(self.project) as agreed, _stopped(home_of(self.address)) as home:
                self._all(backlog, home, agreed)
        return backlog.failures

    def _all(self, backlog: OfRuns, home: Home, agreed: Terms) -> None:
        """One scheduler after the other, as often as one is lost."""
        pace, patience, over = Pace(), FIRST, False
        while not over:
            with self._link(home, agreed, patience) as link:
                over = _carried_out(Crew(backlog, link, home, pace))
            patience = crew.PATIENCE

    @contextmanager
    def _link(self, home: Home, agreed: Terms, patience: float) -> Iterator[Link]:
        link = self._patiently(home, agreed, patience)
        try:
            yield link
        finally:
            link.close()

    def _patiently(self, home: Home, agreed: Terms, patience: float) -> Link:
        """A connection to the scheduler, tried for as long as somebody may be starting one anew."""
        end = time.monotonic() + patience
        while True:
            try:
                return Link.to(home.scheduler(), agreed, ATTEMPT)
            except SchedulerLost:
                if time.monotonic() > end:
                    raise ClusterError(
                        f"no scheduler answers at {self.address.text}, tried for {patience:.0f} s; what is finished is "
                        "kept, and the same command goes on once there is one"
                    ) from None
            home.stop()  # it may be there and have been stopped
            self.share.renew()
            time.sleep(PAUSE)


def _carried_out(hands: Crew) -> bool:
    """Whether a crew came to its end, and not the scheduler to its own before."""
    try:
        hands.run()
    except SchedulerLost:
        hands.mourn()
        hands.home.stop()
        return False
    except KeyboardInterrupt:
        hands.save()
        raise
    finally:
        hands.leave()
    return True


@contextmanager
def _stopped(home: Home) -> Iterator[Home]:
    """A home of which nothing is left behind."""
    try:
        yield home
    finally:
        home.stop()
