"""What each run reached in the outcome that its study is judged by."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
from numpy.typing import NDArray

from normlab.analysis.order import Placed
from normlab.outcomes import Seen
from normlab.records import Comparison, RunRecord
from normlab.spec import Study

Scores = Mapping[Placed, float]
"""By arm and seed, in the outcome's own unit."""


def scores(study: Study, runs: Iterable[RunRecord], labels: NDArray[np.int64]) -> dict[Placed, float]:
    """Of the finished runs; one that has no number is left out."""
    outcome = study.verdict.primary
    found = {(run.arm, run.seed): outcome.read(Seen(run, labels)) for run in runs if run.diverged_at is None}
    return {place: value for place, value in found.items() if value is not None}


def scored(comparison: Comparison) -> dict[Placed, float]:
    """Those of a comparison."""
    return scores(comparison.study, comparison.runs, comparison.labels)
