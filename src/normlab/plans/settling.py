"""Run until settled: seeds are added one after the other, and only to arms of which some pair is still open."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from normlab.analysis import judge_finals, open_arms
from normlab.analysis.contrasts import finals
from normlab.analysis.looks import at
from normlab.plans.jobs import Maker
from normlab.records import Epoch, Job, Look, RunRecord


class Settling:
    """The jobs of a study that stops when every pair is settled, when its seeds are used up, or when its time is.

    Args:
        maker: of a study with `until_settled`.
        runs: what is in the store already.
        looks: verdicts that were shown before.
        budget: seconds after which no further run is started; None for no limit.
        clock: seconds on any scale.
    """

    def __init__(
        self,
        maker: Maker,
        runs: Sequence[RunRecord],
        looks: Sequence[Look] = (),
        budget: float | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.study, self.looks, self.clock = maker.study, at(looks, maker.treatments), clock
        self.end = None if budget is None else clock() + budget
        done = {run.key for run in runs}
        self.waiting = {job.key: job for job in maker.jobs() if job.key not in done}
        self.known: dict[tuple[str, int], Epoch] = finals(runs)
        self.open = self._open()

    def ready(self) -> Sequence[Job]:
        """All open arms of a seed before those of the next; see `Plan.ready`."""
        if self.late:
            return ()
        return tuple(job for job in self.waiting.values() if job.label in self.open)

    def keep(self, record: RunRecord) -> None:
        """A run is done: look which pairs it settles."""
        self.waiting.pop(record.key, None)
        self.known.update(finals([record]))
        self.open = self._open()

    def drop(self, job: Job, why: str) -> None:  # noqa: ARG002 - no other run depends on why
        """See `Plan.drop`."""
        self.waiting.pop(job.key, None)

    @property
    def late(self) -> bool:
        """Whether the time is used up."""
        return self.end is not None and self.clock() >= self.end

    def _open(self) -> frozenset[str]:
        return open_arms(judge_finals(self.study, self.known, self.looks))
