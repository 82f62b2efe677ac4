"""Run until settled: seeds are added one after the other, and only to arms of which some pair is still open."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence

from normlab.analysis import judge_finals, open_arms
from normlab.analysis.contrasts import finals
from normlab.execution.plan import job
from normlab.records import Epoch, Job, RunRecord
from normlab.spec import Study


class Settling:
    """The jobs of a study that stops when every pair is settled, when its seeds are used up, or when its time is.

    Args:
        study: with `until_settled`.
        runs: what is in the store already.
        engine: what to train with.
        budget: seconds after which no further run is started; None for no limit.
        clock: seconds on any scale.
    """

    def __init__(
        self,
        study: Study,
        runs: Sequence[RunRecord],
        engine: str,
        budget: float | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.study, self.engine, self.clock = study, engine, clock
        self.begun = {(run.arm, run.seed) for run in runs}
        self.known: dict[tuple[str, int], Epoch] = finals(runs)
        self.end = None if budget is None else clock() + budget
        self.open = self._open()

    def keep(self, record: RunRecord) -> None:
        """A run is done: look which pairs it settles."""
        self.known.update(finals([record]))
        self.open = self._open()

    def jobs(self) -> Iterator[Job]:
        """The next run, as long as there is a reason for one: all open arms of a seed before those of the next."""
        for seed in self.study.seeds:
            for arm in self.study.arms:
                if not self.open or self.late:
                    return
                if arm.name in self.open and (arm.name, seed) not in self.begun:
                    self.begun.add((arm.name, seed))
                    yield job(self.study, arm, seed, self.engine)

    @property
    def late(self) -> bool:
        """Whether the time is used up."""
        return self.end is not None and self.clock() >= self.end

    def _open(self) -> frozenset[str]:
        return open_arms(judge_finals(self.study, self.known))
