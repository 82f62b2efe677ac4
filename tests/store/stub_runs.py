"""Small records with awkward numbers, and a way to say that two of them are the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple
from typing import Any

import numpy as np

from normlab.records import Environment, Epoch, Flow, Held, Job, KernelSize, Look, RunRecord
from normlab.spec import Recipe

HERE = Environment("0.1", "3.11", "2.13", "2.4", "Linux x86_64", "a CPU", "cpu", 1, "eager", "ab" * 32)


def job(seed: int = 0, norm: str = "bn", **changed: Any) -> Job:
    """One run of the lean recipe, called by its norm."""
    return Job(Recipe(norm=norm), seed, **({"data": "ab" * 32, "label": norm} | changed))


def record(of: Job, **changed: Any) -> RunRecord:
    """A run of two epochs with numbers that no decimal fraction ends."""
    rng = np.random.default_rng(of.seed)
    diverged = changed.get("diverged_at") is not None
    scores = np.empty((0, 10)) if diverged else rng.dirichlet(np.ones(10), 7)
    weights = {
        "conv1.weight": rng.normal(size=(2, 1, 3, 3)).astype(np.float32),
        "norm1.num_batches_tracked": np.array(8, dtype=np.int64),
    }
    made: dict[str, Any] = {
        "parameters": 9802,
        "epochs": tuple(Epoch(e, 0.1 / 3, 1 / 7, 0.0, 600.1, 57, 60, 0.1 + 0.2, 5, 7, 1.5) for e in (1, 2)),
        "contents": Held(scores.astype(np.float32), weights),
        "seconds": 3.25,
        "environment": HERE,
        "sizes": tuple(
            KernelSize(e, kernel, 18, e, 3, 0.1 + 0.2, 1 / 3) for e in (1, 2) for kernel in ("conv1.weight", "a.weight")
        ),
        "flow": tuple(Flow(e, layer, 0.1 + 0.2, 1 / 3) for e in (1, 2) for layer in ("conv1", "a")),
    }
    return RunRecord(job=of, **(made | changed))


def same(one: RunRecord, other: RunRecord) -> bool:
    """Whether every number of two records is the same."""
    plain = [(r.job, r.arm, r.parameters, r.seconds, r.diverged_at, r.environment) for r in (one, other)]
    return (
        plain[0] == plain[1]
        and _tuples(one.epochs) == _tuples(other.epochs)
        and _tuples(one.sizes) == _tuples(other.sizes)
        and _tuples(one.flow) == _tuples(other.flow)
        and _arrays({"": one.probabilities}) == _arrays({"": other.probabilities})
        and _arrays(one.weights) == _arrays(other.weights)
    )


def look(*arms: Job, when: str = "2026-03-01T10:00:00+00:00", **changed: Any) -> Look:
    """A verdict on these jobs' recipes on three seeds."""
    made: dict[str, Any] = {"study": "norms", "seeds": (0, 1, 2), "rules": "once", "pairs": 1}
    return Look(when=when, arms=tuple(arm.recipe.digest for arm in arms), **(made | changed))


def _tuples(values: Sequence[Any]) -> list[tuple[Any, ...]]:
    return [astuple(value) for value in values]


def _arrays(arrays: Any) -> dict[str, tuple[Any, ...]]:
    return {name: (array.dtype, array.shape, array.tobytes()) for name, array in arrays.items()}
