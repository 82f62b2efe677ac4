"""Runs of arms for as long as these are open, and there is time."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Sequence
from typing import Generic

from normlab.plans.plan import D, W


class Until(Generic[W, D]):
    """The jobs of arms that are not settled.

    Args:
        jobs: all that there may be, in their order.
        done: what there is already.
        still_open: the labels of the arms that are open, given what has come, and what was given up, since it was asked
            last.
        budget: seconds after which no further run is started; None for no limit.
        clock: seconds on any scale.
    """

    def __init__(
        self,
        jobs: Sequence[W],
        done: Sequence[D],
        still_open: Callable[[Sequence[D], Sequence[W]], Collection[str]],
        budget: float | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.still_open, self.clock = still_open, clock
        self.end = None if budget is None else clock() + budget
        have = {record.key for record in done}
        self.waiting = {job.key: job for job in jobs if job.key not in have}
        self.open = still_open(done, ())

    def ready(self) -> Sequence[W]:
        """All open arms of a seed before those of the next; see `Plan.ready`."""
        if self.late:
            return ()
        return tuple(job for job in self.waiting.values() if job.label in self.open)

    def keep(self, record: D) -> None:
        """A run is done: look which arms it settles."""
        self.waiting.pop(record.key, None)
        self.open = self.still_open([record], ())

    def drop(self, job: W, why: str) -> None:  # noqa: ARG002 - it does not matter why
        """Nothing comes of it here: what is left of its arm is not waited for in vain."""
        self.waiting.pop(job.key, None)
        self.open = self.still_open((), [job])

    @property
    def late(self) -> bool:
        """Whether the time is used up."""
        return self.end is not None and self.clock() >= self.end
