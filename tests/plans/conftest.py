from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pytest

from normlab.records import Environment, Epoch, Held, Job, RunRecord

Finish = Callable[..., RunRecord]
IMAGES = 10_000


@pytest.fixture
def finish() -> Finish:
    """Gives the record that a job would have left: `finish(job, correct, weights, diverged_at)`."""

    def finished(
        job: Job, correct: int = 9_900, weights: Mapping[str, Any] | None = None, diverged_at: int | None = None
    ) -> RunRecord:
        epochs = [] if diverged_at else [Epoch(1, 0.1, 0.1, 0, 1, 1, 1, 0.1, correct, IMAGES, 1)]
        here = Environment("0", "3", "2", "2", "Linux", "a CPU", job.device, 1, job.engine, job.data)
        return RunRecord(job, 1, epochs, Held(np.empty((0, 0), np.float32), weights or {}), 1.0, here, diverged_at)

    return finished
