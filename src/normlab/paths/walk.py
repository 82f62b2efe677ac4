"""The verb: find the grid, train along it, choose on held-out images, test once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from normlab import spec
from normlab.assembly import first_job
from normlab.data import load
from normlab.data.progress import Progress
from normlab.data.progress import silent as no_progress
from normlab.errors import SpecError
from normlab.paths.ceiling import SPARING, Tried, ceiling
from normlab.paths.grid import ladder
from normlab.spec import Study
from normlab.study import StudyResult, StudyWatch, check, compare, engine_for

HOLDOUT = 10_000


def path(
    norm: str = "bn",
    penalties: Sequence[str] = ("prox",),
    *,
    seeds: int | Sequence[int] = 3,
    points: int | None = None,
    lambdas: Sequence[float] | None = None,
    out: str | Path = "normlab-out",
    workers: int | None = None,
    watch: StudyWatch | None = None,
    progress: Progress = no_progress,
    tell: Callable[[Tried], object] = lambda _tried: None,
    **options: Any,
) -> StudyResult:
    """Train a norm along λ with each penalty, and say how sparse it can get before that costs accuracy.

    λ is chosen on held-out training images by the rule of one standard error; the chosen networks, and those without a
    penalty, are then judged on the test images once.

    Args:
        norm: the norm of every arm.
        penalties: kinds, each a path of its own on the same λ.
        seeds: how many, or which.
        points, lambdas: how many λ, from the one that leaves nothing downwards (by default down to 1e-5); or the λ
            themselves.
        out, workers, watch, progress: as for `compare`.
        tell: told of the search for the largest λ.
        options: what `spec.design` takes: recipe, epochs, l1_on, holdout (by default 10,000 images), …

    Raises what `compare` raises.
    """
    study = design(
        norm, penalties, seeds=seeds, points=points, lambdas=lambdas, progress=progress, tell=tell, **options
    )
    return compare(study, out=out, workers=workers, watch=watch, progress=progress)


def design(
    norm: str,
    penalties: Sequence[str],
    *,
    seeds: int | Sequence[int] = 3,
    points: int | None = None,
    lambdas: Sequence[float] | None = None,
    progress: Progress = no_progress,
    tell: Callable[[Tried], object] = lambda _tried: None,
    **options: Any,
) -> Study:
    """The study of a path; trains short runs to find the largest λ unless the values are given."""
    if not penalties:
        raise SpecError("--penalty: expected at least one kind, got none")
    wanted = {"name": "path", "holdout": HOLDOUT, **{k: v for k, v in options.items() if v is not None}}
    if lambdas is None:
        lambdas = ladder(_top(norm, penalties, tell, progress, wanted), points)
    if not all(lam > 0 for lam in lambdas):
        raise SpecError(f"--lambdas: expected numbers above 0 (the arm without a penalty is added), got {lambdas}")
    return spec.design(
        norms=[norm], l1=[0.0, *sorted(lambdas)], penalty=list(penalties), seeds=seeds, warm_start=True, **wanted
    )


def _top(
    norm: str, penalties: Sequence[str], tell: Callable[[Tried], object], progress: Progress, wanted: dict[str, Any]
) -> float:
    """The largest λ that any of the penalties needs."""
    study = spec.design(norms=[norm], l1=[1.0], penalty=list(penalties), seeds=1, **wanted)
    check(study)
    data = load(study.recipe.dataset, progress)
    engine = engine_for(study, data)
    found: dict[tuple[str, str], float] = {}
    for arm in study.arms:
        kind = arm.penalty.kind if arm.penalty else ""
        if (sparing := (arm.base, SPARING.get(kind, kind))) not in found:
            found[sparing] = ceiling(replace(first_job(study, arm), engine=engine), data, tell)
    return max(found.values())
