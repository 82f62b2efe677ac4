"""Run until settled: seeds are added one after the other, and only to arms of which some pair is still open.

What decides is what the report will say: a later seed counts when all earlier ones of its pair have ended. A run that
is given up is passed over, since its arm would else take all seeds and wait for it; the report waits.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from normlab.analysis import judge_finals, open_arms
from normlab.analysis.ends import Final, finals
from normlab.analysis.looks import at
from normlab.analysis.order import Placed
from normlab.analysis.scores import scores
from normlab.plans.jobs import Maker
from normlab.plans.until import Until
from normlab.records import Job, Look, RunRecord

Labels = NDArray[np.int64]
"""Of evaluation images, shape (images,)."""


class Settling(Until[Job, RunRecord]):
    """The jobs of a study that stops when every pair is settled, when its seeds are used up, or when its time is.

    Args:
        maker: of a study with `until_settled`.
        runs: what is in the store already.
        looks: verdicts that were shown before.
        budget: seconds after which no further run is started; None for no limit.
        clock: seconds on any scale.
        labels: of the images that runs are judged on; accuracy and cross-entropy are known without.
    """

    def __init__(
        self,
        maker: Maker,
        runs: Sequence[RunRecord],
        looks: Sequence[Look] = (),
        budget: float | None = None,
        clock: Callable[[], float] = time.monotonic,
        *,
        labels: Labels | None = None,
    ) -> None:
        self.study, self.looks = maker.study, at(looks, maker.treatments)
        self.labels: Labels = np.empty(0, np.int64) if labels is None else labels
        self.scores: dict[Placed, float] = {}
        self.ended: dict[Placed, Final | None] = {}
        self.passed_over: set[Placed] = set()
        super().__init__(maker.jobs(), runs, self._still_open, budget, clock)

    def _still_open(self, runs: Sequence[RunRecord], given_up: Sequence[Job]) -> frozenset[str]:
        self.scores |= scores(self.study, runs, self.labels)
        self.ended.update(finals(runs, self.scores))
        self.passed_over |= {(job.label, job.seed) for job in given_up}
        return open_arms(judge_finals(self.study, self.ended, self.looks, self.passed_over, self.scores))
