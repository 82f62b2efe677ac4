"""The λ from which on nothing is left: found by short runs, not guessed.

Nothing is left of a network once a layer has no weight: whatever comes in, it gives the same answer.

For a linear model λ_max is the largest gradient at zero. A network's weights at zero are a stationary point for any λ,
since each layer's gradient is a product of the others; so what counts is whether training gets there. Short runs with λ
rising half a decade at a time, each from the network before as on the path itself, end at the first that leaves a layer
without weights. They shrink for fewer steps than whole runs, so what they find should be enough for these.
"""

from __future__ import annotations

from dataclasses import replace

from normlab import training
from normlab.analysis import parts
from normlab.data import Dataset
from normlab.errors import SpecError
from normlab.events import LambdaTried, Tell, silent
from normlab.plans.ladder import value
from normlab.records import Job, RunRecord

FIRST, LAST = -8, 6
"""The rungs of the ladder that are tried: λ from 1e-4 to 1000."""
IMAGES = 20_000
SPARING = {"subgrad": "prox", "spred": "prox"}
"""Kinds that never reach zero, and the one that does for the same objective."""


def ceiling(job: Job, data: Dataset, tell: Tell = silent) -> float:
    """The first λ of the ladder that leaves nothing of what the job's penalty acts on.

    Args:
        job: a run of the path, with any λ.
        data: its data set.
        tell: told of each λ tried (`LambdaTried`).

    Raises `SpecError` for a penalty that leaves no zeros at any λ.
    """
    penalty = job.recipe.penalty
    check_ends(penalty.kind)
    images = min(IMAGES, job.recipe.train_images or len(data.train_images) - job.recipe.holdout)
    start = None
    for rung in range(FIRST, LAST + 1):
        lam = value(rung)
        trial = penalty.model_copy(update={"kind": SPARING.get(penalty.kind, penalty.kind), "lam": lam})
        recipe = job.recipe.model_copy(update={"epochs": 1, "train_images": images, "penalty": trial})
        record = training.train(replace(job, recipe=recipe, start=start), data)
        left = _left(record, trial.kind)
        tell(LambdaTried(trial.kind, lam, left))
        if left == 0:
            return lam
        start = start if record.diverged_at is not None else record.weights
    raise SpecError(f"no λ up to {value(LAST):g} leaves nothing of this network: give the values with --lambdas")


def check_ends(kind: str) -> None:
    """Raise `SpecError` for a kind of penalty that leaves no zeros at any λ."""
    if kind == "l2":
        raise SpecError("a path needs a λ at which all is zero, and l2 has none: give the values with --lambdas")


def _left(record: RunRecord, kind: str) -> float:
    """The share of the sparsest kernel's weights, or norm's scales, that is not zero; all of a run that diverged."""
    if record.diverged_at is not None:
        return 1.0
    kernels, scales = parts.split(record)
    found = scales if kind == "gamma" else kernels
    return min(float((value != 0).mean()) for value in found.values())
