from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from normlab.records import Environment, Epoch, KernelSize, RunRecord
from normlab.spec import Study, parse


@pytest.fixture
def study() -> Study:
    """Two arms, two seeds."""
    return parse({"arms": [{"norm": "bn"}, {"norm": "gn:4", "l1": 1e-4}], "seeds": 2})


def make_record(arm: str = "bn", seed: int = 0, diverged_at: int | None = None) -> RunRecord:
    """A small record with awkward floats."""
    rng = np.random.default_rng(seed)
    probabilities = rng.dirichlet(np.ones(10), 7).astype(np.float32) if diverged_at is None else np.empty((0, 0))
    return RunRecord(
        arm=arm,
        seed=seed,
        parameters=9802,
        epochs=tuple(Epoch(e, 0.1 / 3, 1 / 7, 0.1, 600.1, 57, 60, 0.1 + 0.2, 6, 7, 1.5) for e in (1, 2)),
        probabilities=probabilities.astype(np.float32),
        weights={
            "conv1.weight": rng.normal(size=(2, 1, 3, 3)).astype(np.float32),
            "norm1.num_batches_tracked": np.array(8, dtype=np.int64),
        },
        seconds=3.25,
        environment=Environment("0.1", "3.11", "2.13", "2.4", "Linux x86_64", "a CPU", "cpu", 1, "eager", "ab" * 32),
        diverged_at=diverged_at,
        sizes=tuple(KernelSize(e, "conv1.weight", 18, e, 3, 0.1 + 0.2, 1 / 3) for e in (1, 2)),
    )


@pytest.fixture
def record() -> Callable[..., RunRecord]:
    """Makes small records: `record(arm, seed, diverged_at)`."""
    return make_record
